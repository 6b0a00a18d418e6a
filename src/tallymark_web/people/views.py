"""First run, people and their grants, and who one is oneself."""

from __future__ import annotations

import hmac

from django.conf import settings
from django.contrib import messages
from django.contrib.sessions.models import Session
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from tallymark.errors import TallymarkError
from tallymark_web.access import Access
from tallymark_web.people import accounts
from tallymark_web.people.forms import FirstForm, GrantForm, PersonForm
from tallymark_web.people.models import ROLE_NAMES, Grant, Person
from tallymark_web.people.start_code import start_code
from tallymark_web.words import explained, language, say
from tallymark_web.workplace import programme, tree


def start(request: HttpRequest) -> HttpResponse:
    """Makes the first administrator; gone as soon as there is one. Needs the code that the terminal showed."""
    if Person.objects.exists():
        raise Http404
    form = FirstForm(request.POST or None, initial={"code": request.GET.get("code", "")})
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        if not hmac.compare_digest(said["code"].strip().encode(), start_code().encode()):
            form.add_error("code", say("This is not the code that `tallymark serve` printed."))
        else:
            units = tree(timezone.localdate())
            tops = [unit for unit, above in units.parent.items() if above is None]
            accounts.first_administrator(
                said["username"], said["name"], said["password"], tops=tops, at=timezone.now()
            )
            return redirect(settings.LOGIN_URL)
    return render(request, "web/start.html", {"form": form})


def people(request: HttpRequest) -> HttpResponse:
    """Everybody with an account whose every grant lies within the administrator's reach, or who has none."""
    found = [
        {"person": person, "grants": [_shown(grant) for grant in person.grants.filter(withdrawn_at=None)]}
        for person in Person.objects.prefetch_related("grants").order_by("name", "username")
        if _within(request.access, person)
    ]
    return render(request, "web/people.html", {"found": found, "form": PersonForm()})


def new_person(request: HttpRequest) -> HttpResponse:
    """Makes an account and shows its first password once."""
    form = PersonForm(request.POST)
    if not form.is_valid():
        return render(request, "web/people.html", {"found": [], "form": form}, status=422)
    said = form.cleaned_data
    person, password = accounts.open_account(said["username"], said["name"], by=request.user)
    return _person(request, person, password=password)


def person(request: HttpRequest, person: int) -> HttpResponse:
    """One account: its grants, past ones among them."""
    return _person(request, _reachable(request, person))


def give(request: HttpRequest, person: int) -> HttpResponse:
    """Gives a role over a unit within the administrator's reach."""
    found = _reachable(request, person)
    form = GrantForm(request.POST, units=_unit_choices(request.access))
    if form.is_valid():
        wanted = accounts.Wanted(**form.cleaned_data)
        try:
            accounts.give(found, wanted, by=request.user, at=timezone.now())
            return redirect("people-one", person=found.pk)
        except TallymarkError as error:
            form.add_error(None, explained(error))
    return _person(request, found, form=form, status=422)


def withdraw(request: HttpRequest, grant: int) -> HttpResponse:
    """Ends a grant."""
    found = get_object_or_404(Grant, pk=grant, withdrawn_at=None)
    if not request.access.may("people.manage", found.unit):
        raise Http404
    try:
        accounts.withdraw(found, by=request.user, at=timezone.now())
    except TallymarkError as error:
        messages.error(request, explained(error))
    return redirect("people-one", person=found.person_id)


def replace_password(request: HttpRequest, person: int) -> HttpResponse:
    """A fresh password for somebody who lost theirs; their sessions end."""
    found = _reachable(request, person)
    password = accounts.new_password(found, by=request.user)
    _end_sessions(found)
    return _person(request, found, password=password)


def close(request: HttpRequest, person: int) -> HttpResponse:
    """Closes an account, or opens it again."""
    found = _reachable(request, person)
    if found.pk == request.user.pk:
        messages.error(request, say("Nobody closes their own account."))
    else:
        accounts.close_account(found, by=request.user, closed=found.is_active)
        _end_sessions(found)
    return redirect("people-one", person=found.pk)


def _person(request: HttpRequest, found: Person, *, password: str = "", form: GrantForm | None = None,
            status: int = 200) -> HttpResponse:  # fmt: skip
    today = timezone.localdate()
    grants = [_shown(grant) | {"ended": grant.ended(today)} for grant in found.grants.all()]
    shown = {
        "found": found,
        "grants": grants,
        "password": password,
        "form": form or GrantForm(units=_unit_choices(request.access), initial={"first_day": today}),
        "self": found.pk == request.user.pk,
    }
    return render(request, "web/person.html", shown, status=status)


def _shown(grant: Grant) -> dict[str, object]:
    units = programme().units
    name = units.names[units.index[grant.unit]] if grant.unit in units.index else grant.unit
    return {"grant": grant, "role": ROLE_NAMES.get(grant.role, grant.role), "unit": name}


def _unit_choices(access: Access) -> list[tuple[str, str]]:
    units, mine = programme().units, access.units("people.manage")
    return [
        (code, f"{units.names[at][language()]} ({code})")
        for at, code in enumerate(units.codes)
        if code in mine
    ]


def _within(access: Access, person: Person) -> bool:
    """Whether an account is this administrator's business: no grant of it lies outside their reach."""
    held = [grant.unit for grant in person.grants.all() if grant.withdrawn_at is None]
    return all(access.may("people.manage", unit) for unit in held)


def _reachable(request: HttpRequest, number: int) -> Person:
    found = get_object_or_404(Person, pk=number)
    if not _within(request.access, found):
        raise Http404
    return found


def _end_sessions(person: Person) -> None:
    """Signs somebody out everywhere."""
    keys = person.usersession_set.values_list("session_key", flat=True)
    Session.objects.filter(session_key__in=list(keys)).delete()
