"""Django's settings, from the environment (see `environment.py`)."""

from __future__ import annotations

import hashlib
import os
from importlib.resources import files
from pathlib import Path

from tallymark_web.environment import installation

INSTALLATION = installation(os.environ)
HERE = Path(__file__).parent


def _fingerprint(*folders: Path) -> str:
    """A word that changes when any file to be served does, so that browsers may keep them for ever."""
    digest = hashlib.sha256()
    for path in sorted(path for folder in folders for path in folder.rglob("*") if path.is_file()):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:12]


DEBUG = False
SECRET_KEY = INSTALLATION.secret_key
ALLOWED_HOSTS = list(INSTALLATION.hosts)
ROOT_URLCONF = "tallymark_web.urls"
WSGI_APPLICATION = "tallymark_web.wsgi.application"
DATABASES = {"default": dict(INSTALLATION.database)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "web.Person"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "tallymark_web",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django_htmx",
    "axes",
]
MIDDLEWARE = [
    "tallymark_web.headers.SafeHeaders",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "tallymark_web.people.gates.FirstThingsFirst",
    "axes.middleware.AxesMiddleware",
    "tallymark_web.faults.Told",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [HERE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "tallymark_web.around.around",
            ],
            "builtins": ["django.templatetags.static", "tallymark_web.templatetags.words"],
        },
    }
]

# Languages and time
LANGUAGES = [("en", "English"), ("zh-hans", "中文")]
LANGUAGE_CODE = "en"
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = INSTALLATION.https
USE_I18N = True
USE_TZ = True
TIME_ZONE = os.environ.get("TALLYMARK_TIME_ZONE", "UTC")

# Files to be served: the address changes with their content. The style sheet is the published site's, and ours.
SITE = Path(str(files("tallymark.publish"))) / "assets"
STATICFILES_DIRS = [("site", SITE)]
STATIC_URL = f"/static/{_fingerprint(HERE / 'static', SITE)}/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/"

# Signing in
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
_RULES = "django.contrib.auth.password_validation."
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": _RULES + "UserAttributeSimilarityValidator"},
    {"NAME": _RULES + "MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": _RULES + "CommonPasswordValidator"},
    {"NAME": _RULES + "NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "tallymark_web.people.adapter.Door"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
# An office of hundreds sits behind one address: limits by address are wide, those by account narrow.
ACCOUNT_RATE_LIMITS = {"login": "600/m/ip", "login_failed": "100/m/ip,5/300s/key"}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Tallymark"
USERSESSIONS_TRACK_ACTIVITY = False

AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_ENABLE_ADMIN = False
AXES_LOCKOUT_TEMPLATE = "web/locked.html"
AXES_HTTP_RESPONSE_CODE = 429
AXES_VERBOSE = False

# Sessions: end with the browser, or when nobody has touched them for a while
SESSION_COOKIE_AGE = INSTALLATION.idle_minutes * 60
SESSION_ENGINE = "tallymark_web.people.sessions"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = INSTALLATION.https
CSRF_COOKIE_SAMESITE = "Strict"
CSRF_FAILURE_VIEW = "tallymark_web.views.forged"

# Headers
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = INSTALLATION.https
SECURE_HSTS_SECONDS = 31_536_000 if INSTALLATION.https else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if INSTALLATION.https else None
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in INSTALLATION.hosts if INSTALLATION.https]

# Mails: to a server that the environment names, else printed
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if INSTALLATION.mail else 'console'}.EmailBackend"
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = INSTALLATION.mail.get("from", "tallymark@localhost")
EMAIL_HOST = INSTALLATION.mail.get("host", "localhost")
EMAIL_PORT = INSTALLATION.mail.get("port", 25)
EMAIL_HOST_USER = INSTALLATION.mail.get("user", "")
EMAIL_HOST_PASSWORD = INSTALLATION.mail.get("password", "")
EMAIL_USE_SSL = INSTALLATION.mail.get("ssl", False)
EMAIL_USE_TLS = INSTALLATION.mail.get("starttls", False)

# What people may send
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 << 20
FILE_UPLOAD_MAX_MEMORY_SIZE = 4 << 20
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000
FILE_UPLOAD_PERMISSIONS = 0o640
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"axes": {"level": "ERROR"}},
}
