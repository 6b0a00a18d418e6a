"""What an installation says through its environment, read once and checked."""

from __future__ import annotations

import datetime as dt
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from tallymark.errors import TallymarkError

PREFIX = "TALLYMARK_"
PROGRAMME, STORE, WEB = "programme", "store", "web"
DEMO_MARK = "demo.json"


@dataclass(frozen=True, slots=True)
class Installation:
    """Where the workplace stands and how it is reached."""

    workplace: Path
    database: Mapping[str, Any]
    hosts: tuple[str, ...]
    https: bool
    demo: bool
    """Demo accounts are offered: only in a workplace that `tallymark demo` made, and only on the loopback address."""
    idle_minutes: int
    second_factor: frozenset[str]
    """Roles that cannot work without a second factor."""
    today: dt.date | None
    """The day by which reports are due, where it is not the clock's: in a demo."""

    address: str = ""
    """Where people reach it, for links in mails."""
    mail: Mapping[str, Any] = field(default_factory=dict)
    """The mail server; empty: mails are printed where the app runs."""

    @property
    def web(self) -> Path:
        """The folder that the web app writes: database, uploads, secret key."""
        return self.workplace / WEB

    @property
    def secret_key(self) -> str:
        """The installation's key; made, for its owner only, when there is none."""
        place = self.web / "secret-key"
        if not place.is_file():
            self.web.mkdir(parents=True, exist_ok=True)
            try:
                descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            except FileExistsError:
                return place.read_text(encoding="ascii")
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(secrets.token_urlsafe(48))
        return place.read_text(encoding="ascii")


def installation(environment: Mapping[str, str]) -> Installation:
    """The installation that the environment describes.

    Errors: TallymarkError naming the variable that is missing or cannot be read.
    """
    workplace = Path(_needed(environment, "WORKPLACE")).absolute()
    if not is_workplace(workplace):
        raise TallymarkError(
            "{folder} is no workplace: it needs the folders {programme} and {store}; "
            "`tallymark demo {folder}` makes one to try",
            folder=workplace,
            programme=PROGRAMME,
            store=STORE,
        )
    hosts = tuple(_said(environment, "HOSTS", "localhost 127.0.0.1 [::1]").split())
    return Installation(
        workplace=workplace,
        database=database(_said(environment, "DATABASE", ""), workplace / WEB),
        hosts=hosts,
        https=_said(environment, "HTTPS", "no") == "yes",
        demo=(workplace / DEMO_MARK).is_file() and _said(environment, "DEMO", "no") == "yes",
        idle_minutes=_whole(environment, "IDLE_MINUTES", 60),
        second_factor=frozenset(_said(environment, "SECOND_FACTOR", "administrator auditor").split()),
        today=_day(environment, "TODAY"),
        address=_said(environment, "ADDRESS", "").rstrip("/"),
        mail=mail(_said(environment, "MAIL", ""), _said(environment, "MAIL_FROM", "")),
    )


def is_workplace(folder: Path) -> bool:
    """Whether a folder holds a programme and a store."""
    return (folder / PROGRAMME / "programme.yaml").is_file() and (folder / STORE / "store.json").is_file()


def database(address: str, folder: Path) -> dict[str, Any]:
    """Django's settings for a database: `postgresql://user:password@host:port/name`, or SQLite in `folder`."""
    if not address:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": folder / "web.sqlite3",
            # Writers queue at the beginning of a transaction instead of failing in its middle.
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
            },
        }
    parts = urlsplit(address)
    if parts.scheme not in ("postgresql", "postgres") or not parts.path.strip("/"):
        raise TallymarkError(
            "{variable} is an address such as postgresql://user:password@host/name, or empty for SQLite",
            variable=PREFIX + "DATABASE",
        )
    # A socket folder goes where the host is, percent-encoded, as in libpq.
    found = re.search(r"@?([^@/]*)$", parts.netloc)
    host = unquote(re.sub(r":\d+$", "", found.group(1) if found else ""))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


def mail(address: str, sender: str) -> dict[str, Any]:
    """A mail server, none when empty: `smtp://user:password@host:587` (STARTTLS where there is a user) or `smtps://…`."""
    if not address:
        return {}
    parts = urlsplit(address)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or "@" not in sender:
        raise TallymarkError(
            "{variable} is an address such as smtp://user:password@host:587; {sender} is whom mails come from",
            variable=PREFIX + "MAIL",
            sender=PREFIX + "MAIL_FROM",
        )
    return {
        "host": parts.hostname,
        "port": parts.port or (465 if parts.scheme == "smtps" else 587),
        "user": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "ssl": parts.scheme == "smtps",
        "starttls": parts.scheme == "smtp" and bool(parts.username),
        "from": sender,
    }


def _needed(environment: Mapping[str, str], name: str) -> str:
    said = environment.get(PREFIX + name, "")
    if not said:
        raise TallymarkError(
            "{variable} is not set; `tallymark serve WORKPLACE` sets it", variable=PREFIX + name
        )
    return said


def _said(environment: Mapping[str, str], name: str, otherwise: str) -> str:
    return environment.get(PREFIX + name, "").strip() or otherwise


def _day(environment: Mapping[str, str], name: str) -> dt.date | None:
    said = _said(environment, name, "")
    try:
        return dt.date.fromisoformat(said) if said else None
    except ValueError:
        raise TallymarkError(
            "{variable} is a day such as 2025-03-14, not '{said}'", variable=PREFIX + name, said=said
        ) from None


def _whole(environment: Mapping[str, str], name: str, otherwise: int) -> int:
    said = _said(environment, name, str(otherwise))
    if not said.isdigit() or int(said) < 1:
        raise TallymarkError(
            "{variable} is a whole number from 1 on, not '{said}'", variable=PREFIX + name, said=said
        )
    return int(said)
