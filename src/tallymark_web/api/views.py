"""Tokens as their owner sees them."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from tallymark_web.api.models import Token
from tallymark_web.api.tokens import make_token, withdraw_token

MOST = 10


def tokens(request: HttpRequest) -> HttpResponse:
    """One's tokens; a new one is shown once."""
    shown = {"fresh": ""}
    mine = Token.objects.filter(person=request.user, withdrawn_at=None)
    if request.method == "POST" and mine.count() < MOST:
        name = request.POST.get("name", "").strip() or "–"
        shown["fresh"] = make_token(request.user, name, at=timezone.now())
    return render(request, "web/tokens.html", shown | {"found": mine.order_by("pk")})


def withdraw(request: HttpRequest, token: int) -> HttpResponse:
    """Ends one of one's tokens."""
    withdraw_token(
        get_object_or_404(Token, pk=token, person=request.user, withdrawn_at=None), at=timezone.now()
    )
    return redirect("tokens")
