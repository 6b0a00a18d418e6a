"""Proposing and deciding on a change of the programme: two people, one transaction each, files written once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import Max

from tallymark.errors import StoreError, TallymarkError
from tallymark.programme.files import read_folder
from tallymark.programme.resolved import Contract, Deduction, Line, Programme
from tallymark.programme.rewriting import Add, Edit, Put
from tallymark.store.lock import exclusive
from tallymark.store.runs import Run
from tallymark_web.audit.log import record
from tallymark_web.declared.changing import Tried, lines_of, sha256, try_edits, try_files, write_text
from tallymark_web.declared.fields import CONTRACTS, INDICATORS
from tallymark_web.declared.models import APPROVED, PROPOSED, REFUSED, WITHDRAWN, Revision
from tallymark_web.declared.trying import same_figures
from tallymark_web.environment import PROGRAMME
from tallymark_web.people.decision import two_people
from tallymark_web.people.models import Person
from tallymark_web.workplace import folder, programme, runs

LOCK = "programme.lock"
ONLY_SAID = frozenset({"title", "description", "source", "legal_reference", "unit", "decimals", "benchmark"})
LONGEST = 4_000


def in_force(contract: Contract, made: Sequence[Run], today: dt.date) -> bool:
    """Whether a contract binds: it is signed, its period has begun, or somebody was scored by it."""
    signed = contract.signed is not None and contract.signed <= today
    scored = any(
        run.manifest["contract"] == contract.code and run.manifest["mode"] == "official" for run in made
    )
    return signed or contract.period.start <= today or scored


def amended_by(
    programme: Programme, edits: Sequence[Edit], lines: list[str], today: dt.date
) -> dict[str, list[str]]:
    """The contracts in force that edits change, each with the codes of its lines that they touch."""
    found: dict[str, list[str]] = {}
    made = runs()
    for code, contract in programme.contracts.items():
        touched: dict[str, None] = {}
        for edit in edits:
            if edit.path[:2] == (CONTRACTS, code):
                touched.update(dict.fromkeys(lines))
                found.setdefault(code, [])
            elif edit.path[0] == INDICATORS and len(edit.path) > 2 and edit.path[2] not in ONLY_SAID:
                touched.update(dict.fromkeys(_scoring(contract, str(edit.path[1]))))
        if touched:
            found[code] = list(touched)
        if code in found and not in_force(contract, made, today):
            del found[code]
    return found


def _scoring(contract: Contract, indicator: str) -> Iterator[str]:
    scored: tuple[Line | Deduction, ...] = (*contract.lines, *contract.bonus, *contract.deductions)
    for line in scored:
        if (line.indicator is not None and line.indicator.name == indicator) or indicator in getattr(
            getattr(line, "award", None), "things", ()
        ):
            yield line.code
    for gate in contract.gates:
        if indicator in gate.names:
            yield gate.code


def amendments(
    sections: Mapping[str, object], amended: Mapping[str, list[str]], reason: Mapping[str, str], on: dt.date
) -> list[Edit]:
    """The edits that say in each contract openly that it was changed while in force."""
    found: list[Edit] = []
    contracts = sections.get(CONTRACTS)
    for code, lines in amended.items():
        said = {"on": on, "reason": dict(reason), "lines": lines}
        path = (CONTRACTS, code, "amendments")
        there = isinstance(contracts, Mapping) and contracts[code].get("amendments")
        found.append(Add(path, said) if there else Put(path, [said]))
    return found


def propose(
    subject: tuple[str, str],
    programme: Programme,
    edits: list[Edit],
    *,
    reasons: Mapping[str, str],
    by: Person,
    at: dt.datetime,
    today: dt.date,
) -> Revision:
    """The change, on record, waiting for a second person.

    `reasons`: why; and `en`, `zh`: what is said publicly where a contract in force changes.
    Errors: TallymarkError without differences or reasons, or when anything is an error, the rights gate first.
    """
    declared = read_folder(programme.root)
    if not edits:
        raise TallymarkError("nothing is changed yet")
    if not reasons.get("why", "").strip():
        raise TallymarkError("say why it is changed; the reason is kept with the version")
    amended = amended_by(programme, edits, lines_of(edits, declared.sections), today)
    public = {key: reasons[key].strip()[:LONGEST] for key in ("en", "zh") if reasons.get(key, "").strip()}
    if amended and not public:
        raise TallymarkError("this contract is in force; say publicly why it is changed")
    every = [*edits, *amendments(declared.sections, amended, public, today)]
    tried = try_edits(programme, declared, every)
    must_hold(tried)
    with transaction.atomic():
        made: Revision = Revision.objects.create(
            kind=subject[0], subject=subject[1], base=tried.base, after=tried.after,
            files={name: list(texts) for name, texts in tried.files.items()},
            changes=[asdict(change) for change in tried.changes], amended=amended,
            measured=not same_figures(edits), reason=reasons["why"].strip()[:LONGEST], by=by, at=at,
        )  # fmt: skip
        record(by.username, "programme change proposed", thing=f"{subject[1]} {made.pk}", detail=_said(made))
    return made


def must_hold(tried: Tried) -> None:
    """Nothing; TallymarkError when something is an error: what the gate refuses cannot even be proposed."""
    errors = [found for found in tried.findings if found.severity == "error"]
    if errors:
        raise TallymarkError("{n} errors have to be put right first: {first}", n=len(errors), first=errors[0])


def _said(revision: Revision) -> dict[str, object]:
    return {
        "revision": revision.pk,
        "base": revision.base,
        "after": revision.after,
        "amended": revision.amended,
        "files": {name: sha256(texts[1]) for name, texts in revision.files.items()},
    }


def decide(number: int, act: str, words: str, *, by: Person, at: dt.datetime) -> Revision:
    """The change approved or refused by a second person, or withdrawn by its author; approved, it is in force.

    Errors: TallymarkError for one's own, without words for a refusal, when the programme has changed meanwhile, or
    when it no longer passes.
    """
    with _alone(), transaction.atomic():
        revision: Revision = Revision.objects.select_for_update().get(pk=number)
        if revision.state != PROPOSED or act not in (APPROVED, REFUSED, WITHDRAWN):
            raise TallymarkError("this change was dealt with meanwhile; load the page again")
        if act == WITHDRAWN and by.pk != revision.by_id:
            raise TallymarkError("only its author withdraws a change")
        if act != WITHDRAWN and not two_people(revision.by_id, by.pk):
            raise TallymarkError("a second person decides on a change; this one is yours")
        if act == REFUSED and not words.strip():
            raise TallymarkError("say why; its author reads it")
        if act == APPROVED:
            _must_fit(revision)
            revision.number = (Revision.objects.aggregate(most=Max("number"))["most"] or 0) + 1
        revision.state, revision.words, revision.decided_by, revision.decided_at = (
            act,
            words[:LONGEST],
            by,
            at,
        )
        revision.save(update_fields=["state", "words", "decided_by", "decided_at", "number"])
        record(
            by.username,
            _DONE[act],
            thing=f"{revision.subject} {revision.pk}",
            detail=_said(revision) | {"version": revision.number},
        )
    if act == APPROVED:
        put_into_force()
        revision.refresh_from_db()
    return revision


_DONE = {
    APPROVED: "programme change approved",
    REFUSED: "programme change refused",
    WITHDRAWN: "programme change withdrawn",
}


def _must_fit(revision: Revision) -> None:
    """The gate is asked again: neither the programme nor the rules may have changed since."""
    files = {name: (texts[0], texts[1]) for name, texts in revision.files.items()}
    tried = try_files(programme(), files, ())
    if tried.base != revision.base or tried.after != revision.after:
        raise TallymarkError("the programme has changed since this was proposed; propose it anew")
    must_hold(tried)


def put_into_force() -> int:
    """How many approved changes were written into the programme: those that a crash left out, too."""
    count = 0
    with _alone():
        for revision in Revision.objects.filter(state=APPROVED, applied=False).order_by("number"):
            for name, texts in revision.files.items():
                write_text(_inside(name), texts[1])
            Revision.objects.filter(pk=revision.pk).update(applied=True)
            count += 1
    return count


def _inside(name: str) -> Path:
    root = folder() / PROGRAMME
    path: Path = root / name
    if ".." in Path(name).parts or not path.resolve().is_relative_to(root.resolve()):
        raise TallymarkError("'{file}' lies outside the programme's folder", file=name)
    return path


@contextmanager
def _alone() -> Iterator[None]:
    """While nobody assesses: a run keeps a copy of the files that it was made by."""
    try:
        with rules_kept(wait=2.0):
            yield
    except StoreError as error:
        raise TallymarkError("an assessment is running by these rules; decide when it is done") from error


@contextmanager
def rules_kept(*, wait: float) -> Iterator[None]:
    """The declared files stay as they are while the block runs."""
    with exclusive(settings.INSTALLATION.web / LOCK, wait=wait):
        yield
