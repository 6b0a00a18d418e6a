"""Reads a whole delivery: every table of the source, chunk by chunk, into spools of rows that could be taken."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tallymark.findings import Finding, Severity, Where, did_you_mean
from tallymark.programme.written.data import WrittenTable
from tallymark.sources.ahead import ahead
from tallymark.sources.events import read_events
from tallymark.sources.figures import read_figures
from tallymark.sources.grid import Chunk, OpenedFile, Sheet, Wanted, letters
from tallymark.sources.instructions import instruction_rows, note_instructions
from tallymark.sources.plan import Plan, plan_table
from tallymark.sources.problems import Spot
from tallymark.sources.readers import READERS, Mapped
from tallymark.sources.reading import Reading, Refused
from tallymark.sources.spellings import fold
from tallymark.sources.spool import Spool
from tallymark.sources.verdicts import PROBLEMS, Verdict
from tallymark.sources.whose import successors

MOST_ALLOWED = 12


def read_file(
    mapped: Mapped, path: Path, reading: Reading, folder: Path, *, compared: frozenset[str]
) -> dict[str, Spool]:
    """The rows of a file by dataset; what is wrong with the others is in `reading`.

    `compared`: datasets of which something is stored, so that empty cells matter, too.
    """
    opened = READERS[mapped.format](path)
    spools: dict[str, Spool] = {}
    for number, table in enumerate(mapped.tables):
        sheet = opened.sheet(
            Wanted(_sheet_name(table, opened, mapped, reading), table.header_row, table.first_row)
        )
        reading.sheets.append(sheet.name)
        plan = _plan(mapped, number, sheet, path, reading)
        spool = spools.setdefault(plan.dataset.name, Spool(folder, plan.dataset.name))
        nameless: Counter[int] = Counter()
        for chunk in _without_instructions(sheet, plan, reading):
            _count_nameless(chunk, sheet, plan, nameless)
            if plan.dataset.kind == "events":
                spool.add(_split(read_events(chunk, plan, reading), plan, reading))
            else:
                spool.add(read_figures(chunk, plan, reading, empties=plan.dataset.name in compared))
        _note_nameless(nameless, plan, reading)
        _misfits(sheet, plan, reading)
        _suggest(plan, reading)
    return spools


def _split(events: pa.Table, plan: Plan, reading: Reading) -> pa.Table:
    """Events without what identifies people, which goes to the vault."""
    if reading.apart is None or not plan.dataset.vaulted:
        return events
    units = pa.array(reading.programme.units.codes, pa.string())
    return reading.apart.split(events, plan.dataset, units, plan.sheet)


def _sheet_name(table: WrittenTable, opened: OpenedFile, mapped: Mapped, reading: Reading) -> str | None:
    """The declared sheet; for a derived source the one called like the dataset, if there is one."""
    if table.sheet is not None or mapped.match is None:
        return table.sheet
    dataset = reading.programme.datasets[table.dataset]
    own = {fold(text) for text in (dataset.name, dataset.title.en, dataset.title.zh) if text}
    return next((name for name in opened.sheet_names if fold(name) in own), None)


def _plan(mapped: Mapped, number: int, sheet: Sheet, path: Path, reading: Reading) -> Plan:
    table = mapped.tables[number]
    siblings = [
        (other, beside)
        for other, beside in enumerate(mapped.tables)
        if other != number and (beside.sheet or "") == (table.sheet or "")
    ]
    plan, findings = plan_table(
        reading.programme.datasets[table.dataset],
        table,
        sheet,
        file=path.name,
        number=number,
        match=mapped.match or (table.match,),
        siblings=siblings,
        lenient=mapped.format == "dhis2",
    )
    where = Where(file=path.name, sheet=sheet.name or None, dataset=plan.dataset.name)
    notes = [
        Finding("receive.read_as", Severity.NOTE, text, values=values, where=where)
        for text, values in sheet.notes
    ]
    for finding in (*notes, *findings):
        reading.problems.note(finding)
    return plan


def _without_instructions(sheet: Sheet, plan: Plan, reading: Reading) -> Iterator[Chunk]:
    """The chunks, from the first without the rows under the headings that are instructions to those who fill it in."""
    waiting = plan.table.first_row is None
    for chunk in ahead(sheet.chunks):
        if waiting and len(chunk.rows):
            waiting = False
            count = instruction_rows(chunk, plan, reading)
            if count:
                chunk = note_instructions(chunk, count, plan, reading)
        if len(chunk.rows):
            yield chunk


def _count_nameless(chunk: Chunk, sheet: Sheet, plan: Plan, counts: Counter[int]) -> None:
    """Counts cells that hold something in columns without a heading."""
    used = set(plan.used)
    for at, column in enumerate(chunk.columns):
        if at not in used and (at >= len(sheet.headings) or not sheet.headings[at].names):
            filled = pc.not_equal(pc.utf8_trim_whitespace(column.text), "")
            counts[at] += int(pc.sum(filled).as_py() or 0)


def _note_nameless(counts: Counter[int], plan: Plan, reading: Reading) -> None:
    for at, count in counts.items():
        if count and plan.first:
            reading.problems.note(
                Finding(
                    "receive.no_heading",
                    Severity.WARNING,
                    "column {column} has no heading; {count} cells in it were not read",
                    "Give the column a heading and map it, or empty it.",
                    {"column": letters(at), "count": f"{count:,}"},
                    Where(file=reading.problems.file, sheet=plan.sheet or None, dataset=plan.dataset.name),
                    {"count": count},
                )
            )


def _misfits(sheet: Sheet, plan: Plan, reading: Reading) -> None:
    """Rows with more cells than columns are refused, kept as text."""
    if not sheet.misfits:
        return
    rows = np.array([misfit.row for misfit in sheet.misfits], np.int64)
    texts = pa.array([misfit.text for misfit in sheet.misfits], pa.string())
    tally = reading.tally(plan.dataset.name)
    tally.read += len(rows)
    tally.refused += len(rows)
    reading.problems.add(Verdict.MISFIT, _whole_rows(plan), rows=rows, texts=texts)
    code = pa.array([PROBLEMS[Verdict.MISFIT].code] * len(rows))
    raw = pa.StructArray.from_arrays([texts], names=["row"])
    ones = np.ones(len(rows), np.int64)
    reading.refused.append(Refused(plan.dataset.name, pa.array(rows).cast(pa.string()), code, raw, ones))


def _whole_rows(plan: Plan) -> Spot:
    return Spot(plan.sheet, -1, "", plan.dataset.name, secrecy=plan.secrecy(-1))


def _suggest(plan: Plan, reading: Reading) -> None:
    """Completes findings told by spelling with what may have been meant."""
    level = plan.dataset.level.code if plan.dataset.level else None
    for verdict, spot, text, group in reading.problems.spellings():
        if (
            spot.dataset == plan.dataset.name
            and spot.sheet == plan.sheet
            and "suggestion" not in group.values
        ):
            suggestion = _suggestion(verdict, spot, text, level, plan, reading)
            group.values["suggestion"] = suggestion
            group.meant = bool(suggestion)
            if verdict is Verdict.NOT_A_CATEGORY:
                group.meant = bool(did_you_mean(text, suggestion.split(", ")))


def _suggestion(
    verdict: Verdict, spot: Spot, text: str, level: str | None, plan: Plan, reading: Reading
) -> str:
    names = reading.names(plan, level)
    if verdict in (Verdict.UNKNOWN_UNIT, Verdict.UNCLEAR_UNIT):
        return names.suggestion(text, verdict)
    if verdict is Verdict.OTHER_LEVEL:
        return level or ""
    if verdict is Verdict.NOT_OPEN:
        place, _ = names.find(text)
        return successors(reading.programme.units, place) if place >= 0 else ""
    if verdict is Verdict.NOT_A_CATEGORY:
        allowed: Mapping[str, tuple[str, ...]] = {
            plan.labels[at]: declared.values or () for at, declared in plan.columns
        }
        values = allowed.get(spot.label, ())
        return ", ".join(did_you_mean(text, values) if len(values) > MOST_ALLOWED else values)
    if verdict in (Verdict.UNKNOWN_ITEM, Verdict.UNDECLARED):
        return ", ".join(did_you_mean(text, plan.table.items or plan.dataset.items))
    return ""
