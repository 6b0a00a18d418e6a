"""Changing a contract or an indicator: in a form, or by a workbook and back; looked through as one types."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from tallymark.errors import TallymarkError
from tallymark.findings import Finding
from tallymark.programme.files import Folder
from tallymark.programme.rewriting import Edit
from tallymark.programme.written.contract import WrittenAward
from tallymark.texts import Message, told
from tallymark_web.declared.acts import amended_by, propose
from tallymark_web.declared.changing import Tried, lines_of, read, try_edits
from tallymark_web.declared.fields import (
    CHOICES,
    CONTRACTS,
    INDICATORS,
    LABELS,
    NEW,
    OF_INDICATOR,
    Field,
    Part,
    edits_of,
    new_indicator,
    new_line,
    parts_of,
)
from tallymark_web.declared.trying import periods_known, same_figures, try_contract
from tallymark_web.declared.workbook import MOST, read_workbook, scored_indicators, write_workbook
from tallymark_web.words import explained, language, say
from tallymark_web.workplace import calendar_today, programme

KINDS = (CONTRACTS, INDICATORS)
MOST_FINDINGS = 40
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
AWARDS = tuple(
    str(part.model_fields["kind"].annotation.__args__[0]) for part in WrittenAward.__args__[0].__args__
)


def edit(request: HttpRequest, kind: str, name: str) -> HttpResponse:
    """The form; sent, it becomes a proposal."""
    declared = _declared(request, kind, name)
    if request.method == "GET":
        return _form(request, declared, (kind, name), {})
    said = _said(request)
    try:
        edits = _edits(declared, (kind, name), said)
        reasons = {key: said.get(f"reason.{key}", "") for key in ("why", "en", "zh")}
        made = propose(
            (kind, said.get("name", "") if name == NEW else name),
            programme(),
            edits,
            reasons=reasons,
            by=request.user,
            at=timezone.now(),
            today=calendar_today(),
        )
    except TallymarkError as error:
        return _form(request, declared, (kind, name), said, error=explained(error), status=422)
    return redirect("programme-version", revision=made.pk)


def check(request: HttpRequest, kind: str, name: str) -> HttpResponse:
    """What the form would do, as one types: differences, findings with the rights gate first, points and ranks."""
    declared, said = _declared(request, kind, name), _said(request)
    return render(request, "web/programme_preview.html", _preview(declared, (kind, name), said))


def workbook(request: HttpRequest, contract: str) -> HttpResponse:
    """The contract as a workbook; one that is sent back is looked through and shown in the form."""
    declared = _declared(request, CONTRACTS, contract)
    parts = parts_of(declared.sections, CONTRACTS, contract)
    scored = [
        part
        for one in scored_indicators(declared.sections, parts)
        for part in parts_of(declared.sections, INDICATORS, one)
    ]
    if request.method == "GET":
        answer = HttpResponse(write_workbook(parts, scored, _about()), content_type=XLSX)
        answer.headers["Content-Disposition"] = f'attachment; filename="{contract}.xlsx"'
        return answer
    try:
        sent = request.FILES.get("file")
        if sent is None or sent.size > MOST:
            raise TallymarkError("the workbook is empty or larger than {most} MB", most=MOST >> 20)
        found = read_workbook(sent.read(), parts, scored)
    except TallymarkError as error:
        return _form(request, declared, (CONTRACTS, contract), {}, error=explained(error), status=422)
    said = found.said | {"more": json.dumps(found.new)} if found.new else found.said
    return _form(request, declared, (CONTRACTS, contract), said, notes=found.findings)


def _declared(request: HttpRequest, kind: str, name: str) -> Folder:
    """The declared files, for somebody who works for the whole programme; 404 for anybody and anything else."""
    if kind not in KINDS or not request.access.everywhere("programme.write"):
        raise Http404
    declared = read(programme().root)
    if name not in declared.sections.get(kind, {}) and (kind, name) != (INDICATORS, NEW):
        raise Http404
    return declared


def _said(request: HttpRequest) -> dict[str, str]:
    said = {key: value for key, value in request.POST.items() if isinstance(value, str)}
    return said | {"drop": json.dumps(request.POST.getlist("drop"))}


def _listed(text: str) -> list[Any]:
    try:
        found = json.loads(text or "[]")
    except ValueError:
        return []
    return found if isinstance(found, list) else []


def _edits(declared: Folder, subject: tuple[str, str], said: Mapping[str, str]) -> list[Edit]:
    if subject[1] == NEW:
        made, edits = new_indicator(said)
        if made in declared.sections.get(INDICATORS, {}):
            raise TallymarkError("'{name}' is declared already; change it on its own page", name=made)
        return edits if made else []
    parts = _parts(declared, subject)
    dropped = [str(one) for one in _listed(said.get("drop", ""))]
    more = [one for one in _listed(said.get("more", "")) if isinstance(one, dict)]
    added = [
        edit
        for one in (*more, dict(said))
        for edit in new_line(parts, {key: str(value) for key, value in one.items()})
    ]
    return edits_of(parts, said, dropped, added)


def _parts(declared: Folder, subject: tuple[str, str]) -> list[Part]:
    """The fields of the subject; of a contract also those of the indicators that it scores (a workbook has them)."""
    parts = parts_of(declared.sections, *subject)
    if subject[0] == CONTRACTS:
        for one in scored_indicators(declared.sections, parts):
            parts += parts_of(declared.sections, INDICATORS, one)
    return parts


def _preview(declared: Folder, subject: tuple[str, str], said: Mapping[str, str]) -> dict[str, Any]:
    known = programme()
    try:
        edits = _edits(declared, subject, said)
        if not edits:
            return {"nothing": True}
        tried = try_edits(known, declared, edits)
    except TallymarkError as error:
        return {"refused": explained(error)}
    amended = amended_by(known, edits, lines_of(edits, declared.sections), calendar_today())
    return shown_trial(tried) | {
        "amended": [(known.contracts[code].title, lines) for code, lines in amended.items()],
        "trial": _trial(tried, subject, edits, said.get("period", "")),
        "needs_run": not same_figures(edits),
    }


def _trial(tried: Tried, subject: tuple[str, str], edits: list[Edit], period: str) -> Any:
    contract = _contract_of(subject, edits)
    if tried.programme is None or not same_figures(edits) or not contract:
        return None
    return try_contract(programme(), tried.programme, contract, period)


def _contract_of(subject: tuple[str, str], edits: list[Edit]) -> str:
    """The contract that an edit is tried on: its own, or the first of the programme."""
    return subject[1] if subject[0] == CONTRACTS else next(iter(programme().contracts), "")


def shown_trial(tried: Tried) -> dict[str, Any]:
    """Differences and findings as pages show them; what the rights gate says stands apart."""
    rows = [_finding(found) for found in tried.findings[:MOST_FINDINGS]]
    return {
        "changes": tried.changes,
        "rights": [row for row in rows if row["rights"]],
        "findings": [row for row in rows if not row["rights"]],
        "errors": sum(found.severity == "error" for found in tried.findings),
        "more_findings": max(len(tried.findings) - MOST_FINDINGS, 0),
    }


def _finding(found: Finding) -> dict[str, Any]:
    return {
        "rights": found.code.startswith("rights."),
        "code": found.code,
        "severity": str(found.severity),
        "message": found.message(language()),
        "hint": found.hint(language()),
        "where": str(found.where),
    }


def _form(
    request: HttpRequest, declared: Folder, subject: tuple[str, str], said: Mapping[str, str],
    *, error: str = "", notes: tuple[Message, ...] = (), status: int = 200,
) -> HttpResponse:  # fmt: skip
    kind, name = subject
    known = programme()
    shown: dict[str, Any] = {
        "kind": kind,
        "name": name,
        "new": name == NEW,
        "subject": _title(kind, name),
        "parts": [_part(part, said) for part in _parts(declared, subject) if _shows(part, kind, said)],
        "said": said,
        "more": said.get("more", ""),
        "indicators": [(one.name, one.title) for one in known.indicators.values()],
        "awards": AWARDS,
        "choices": CHOICES,
        "fresh": _fresh(said) if name == NEW else (),
        "periods": periods_known(known, name) if kind == CONTRACTS else (),
        "error": error,
        "notes": [told(note, language()) for note in notes],
        "kept": {key: said.get(f"reason.{key}", "") for key in ("why", "en", "zh")},
    }  # fmt: skip
    if said:
        shown |= _preview(declared, subject, said)
    return render(request, "web/programme_edit.html", shown, status=status)


def _shows(part: Part, kind: str, said: Mapping[str, str]) -> bool:
    """Whether a part stands in the form: of a contract's indicators only those that a workbook changed."""
    fields = [field for group in part.groups for field in group.fields]
    return any(field.path[0] == kind for field in fields) or any(field.name in said for field in fields)


def _title(kind: str, name: str) -> Any:
    if name == NEW:
        return say("A new indicator")
    known = programme()
    return (known.contracts if kind == CONTRACTS else known.indicators)[name].title


def _fresh(said: Mapping[str, str]) -> list[dict[str, Any]]:
    """The fields of an indicator that is not there yet."""
    keys = ["title.en", "title.zh", *(key for key in OF_INDICATOR if key not in ("title", "description"))]
    return [
        {
            "name": f"new.{key}",
            "label": str(LABELS[key]),
            "choices": CHOICES.get(key, ()) if key != "missing" else ("refuse", "partial", "estimate"),
            "text": said.get(f"new.{key}", ""),
        }
        for key in keys
    ]


def _part(part: Part, said: Mapping[str, str]) -> dict[str, Any]:
    dropped = set(_listed(said.get("drop", "")))
    groups = [
        {
            "group": group,
            "fields": [_box(field, said) for field in group.fields],
            "dropped": group.name in dropped,
            "changed": any(said.get(field.name, field.text) != field.text for field in group.fields),
        }
        for group in part.groups
    ]
    return {"part": part, "groups": groups}


def _box(field: Field, said: Mapping[str, str]) -> dict[str, Any]:
    text = said.get(field.name, field.text)
    return {"field": field, "text": text, "changed": text != field.text}


def _about() -> list[str]:
    return [
        say(
            "A row for each line, deduction, gate and grade of the contract; on the second sheet its indicators."
        ),
        say(
            "Change the pale yellow cells and send the workbook back: nothing is taken before you have seen what differs."
        ),
        say(
            "part, code and award.kind find the row again and are not changed. A row with a new code is a new line."
        ),
        say("A row that is taken out changes nothing: lines are taken out in the form."),
    ]
