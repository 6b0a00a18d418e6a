"""Addresses: ours from the list of routes, those of signing in from allauth, and no others."""

from __future__ import annotations

from allauth.account import views as account
from django.urls import include, path

from tallymark_web.access import guarded
from tallymark_web.api.interface import api
from tallymark_web.routes import ROUTES

urlpatterns = [
    *(path(route.path, guarded(route), name=route.name) for route in ROUTES),
    path("api/", api.urls),
    path("account/login/", account.login, name="account_login"),
    path("account/logout/", account.logout, name="account_logout"),
    path("account/inactive/", account.account_inactive, name="account_inactive"),
    path("account/reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("account/password/change/", account.password_change, name="account_change_password"),
    path("account/second-factor/", include("allauth.mfa.urls")),
    path("account/sessions/", include("allauth.usersessions.urls")),
]
handler404 = "tallymark_web.views.not_found"
handler500 = "tallymark_web.views.broken"
