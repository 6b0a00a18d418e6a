"""Access at the door of every page: the route says which action it is, the decision says whether."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.utils import timezone

from tallymark_web.people.decision import Granted, allowed, reach
from tallymark_web.people.models import Person
from tallymark_web.workplace import Tree, tree

OPEN, SIGNED_IN = "open", "signed in"
"""Instead of an action: for anybody, and for anybody with an account."""

View = Callable[..., HttpResponse]


@dataclass(frozen=True, slots=True)
class Access:
    """What one person may do today."""

    person: Person
    grants: tuple[Granted, ...]
    today: dt.date
    tree: Tree

    def may(self, action: str, unit: str) -> bool:
        """Whether the person may do `action` to `unit`; never for a code that is no unit."""
        return allowed(self.grants, action, self.tree.path(unit), on=self.today)

    def anywhere(self, action: str) -> bool:
        """Whether the person may do `action` to some unit."""
        return bool(self.tops(action))

    def tops(self, action: str) -> frozenset[str]:
        """The tops of the subtrees in which the person may do `action`."""
        return frozenset(unit for unit in reach(self.grants, action, on=self.today) if self.tree.path(unit))

    def everywhere(self, action: str) -> bool:
        """Whether the person may do `action` to every unit."""
        tops = [unit for unit, above in self.tree.parent.items() if above is None]
        return bool(tops) and all(self.may(action, top) for top in tops)

    def units(self, action: str) -> frozenset[str]:
        """Every unit to which the person may do `action`."""
        return self.tree.below(self.tops(action))


@dataclass(frozen=True, slots=True)
class Route:
    """A page: its address, what shows it, the action that it is, and how its address says for which unit."""

    path: str
    name: str
    view: View
    action: str
    unit: Callable[[Mapping[str, Any]], str] | None = None
    methods: tuple[str, ...] = ("GET",)


def access_of(request: HttpRequest) -> Access:
    """What the person of a request may do."""
    today = timezone.localdate()
    return Access(request.user, request.user.granted(), today, tree(today))


def guarded(route: Route) -> View:
    """The route's view behind its rule: 405, sign-in, 403 for the action, 404 outside one's units."""

    @wraps(route.view)
    def view(request: HttpRequest, **address: Any) -> HttpResponse:
        if request.method not in (*route.methods, "HEAD"):
            return HttpResponseNotAllowed(route.methods)
        if route.action == OPEN:
            return route.view(request, **address)
        if not request.user.is_authenticated:
            return _sign_in(request)
        request.access = access = access_of(request)
        if route.action != SIGNED_IN:
            if not access.anywhere(route.action):
                return render(request, "web/forbidden.html", status=403)
            # A unit outside one's subtree answers like one that does not exist: guessing tells nothing.
            if route.unit is not None and not access.may(route.action, route.unit(address)):
                raise Http404
        return route.view(request, **address)

    return view


def _sign_in(request: HttpRequest) -> HttpResponse:
    if request.htmx or request.headers.get("Accept", "").startswith("application/json"):
        return HttpResponse(status=401)
    response: HttpResponse = redirect_to_login(request.get_full_path(), settings.LOGIN_URL)
    return response
