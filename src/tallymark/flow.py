"""The line: receive → verify → measure → score → publish. STAGES is the one list that runs, explains and draws it."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from tallymark.asked import assessed_periods, must_be_known, period_of
from tallymark.checked import checked
from tallymark.engine.duckdb import connect
from tallymark.engine.interface import Engine
from tallymark.engine.opening import ENGINES, opened
from tallymark.errors import AssessmentError
from tallymark.findings import Finding
from tallymark.frozen import code_version, frozen_programme
from tallymark.hearing import with_hearing
from tallymark.lineage import batches_table, findings_table, found_rows, lineage_table, units_table
from tallymark.measure.by_period import MANY, Figures, figures, with_verified
from tallymark.measure.composites import composites_table
from tallymark.measure.differences import differences_table
from tallymark.model.periods import Period
from tallymark.model.text import Text
from tallymark.programme.resolved import Contract, Programme
from tallymark.publish import Site, publish
from tallymark.room import is_full, no_room
from tallymark.score import allocate_all, score
from tallymark.score.scoring import with_strands
from tallymark.store import Store
from tallymark.store.delta import unreadable
from tallymark.store.partials import Partials, partials_of
from tallymark.store.period_files import PeriodFile
from tallymark.store.runs import RUNS, Run, sent, write_run
from tallymark.store.store import beside
from tallymark.texts import Message
from tallymark.verify.patterns.patrol import Asked, patrol
from tallymark.verify.review import review_table
from tallymark.verify.verifying import last_day, verify
from tallymark.verify.waivers import delivered, ran_out, waive

MODES = ("official", "rehearsal")
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Stage:
    """A step of the line, with what it takes and yields in words."""

    code: str
    title: Text
    takes: Text
    yields: Text


STAGES = (
    Stage(
        "receive",
        Text("Receive", "接收"),
        Text("files as people send them", "各单位上报文件"),
        Text("batches, receipts, findings", "批次、回执、发现"),
    ),
    Stage(
        "measure",
        Text("Measure", "计量"),
        Text("batches in force", "有效批次"),
        Text("measures and indicators with completeness", "计量值与指标及完整性"),
    ),
    Stage(
        "verify",
        Text("Verify", "核查"),
        Text(
            "measures, indicators, declared checks, recounts and answers",
            "计量值、指标、检查规则、复核与说明",
        ),
        Text("findings, verdicts, verification factors", "发现、结论、核实系数"),
    ),
    Stage(
        "score",
        Text("Score", "计分"),
        Text("indicators and the contract", "指标与责任书"),
        Text("points, totals, ranks, gaps", "得分、总分、排名、失分"),
    ),
    Stage(
        "publish",
        Text("Publish", "发布"),
        Text("a run", "一次考核结果"),
        Text("pages, workbook, open data", "网页、工作簿、开放数据"),
    ),
)


def assess(
    programme: Programme,
    store: Store,
    *,
    contract: str,
    made_at: dt.datetime,
    period: str | None = None,
    engine: str = "duckdb",
    mode: str = "official",
    data_version: int | None = None,
    runs: Path | None = None,
    fresh: bool = False,
    progress: Progress = lambda _: None,
) -> Run:
    """The run that scores `contract` for `period`: a pure function of programme, data version and code version.

    `mode="rehearsal"` marks every page and row as practice. `data_version` reads the store as it stood then.
    `fresh` counts everything anew; else months that were counted before are not counted again, to the same bytes.
    The run is written below the store (or `runs`), whole or not at all.
    """
    must_be_known(Message("contract"), contract, programme.contracts)
    must_be_known(Message("engine"), engine, ENGINES)
    must_be_known(Message("mode"), mode, MODES)
    chosen = programme.contracts[contract]
    folder = runs or beside(store) / RUNS
    at = store.version if data_version is None else data_version
    if not at:
        raise AssessmentError("the store holds no data yet; run `tallymark receive` first")
    span = period_of(programme, period) if period else chosen.period
    manifest = _manifest(programme, store, chosen, span, at, mode=mode, engine=engine, made_at=made_at)
    partials = None if fresh else partials_of(store, code=code_version())
    try:
        with opened(engine) as computing:
            tables = _tables(
                programme,
                store,
                replace(chosen, period=span),
                at,
                progress,
                engine=computing,
                partials=partials,
            )
    except duckdb.Error as error:
        if not unreadable(error):
            raise
        if is_full(error):
            raise no_room(AssessmentError, folder, error) from error
        why = str(error).splitlines()[0]
        raise AssessmentError("the store's data cannot be read: {why}", why=why) from error
    progress("writing the run")
    run = write_run(
        folder,
        manifest=manifest | {"partials": None if partials is None else asdict(partials.used)},
        tables=tables,
        programme_files=[(name, programme.root / name) for name in programme.files],
    )
    if partials is not None:
        partials.trim(now=made_at.timestamp())
    return run if runs else sent(store, run)


def _tables(
    programme: Programme,
    store: Store,
    contract: Contract,
    at: int,
    progress: Progress,
    *,
    engine: Engine,
    partials: Partials | None,
) -> dict[str, pa.Table | Mapping[str, PeriodFile | pa.Table]]:
    periods = assessed_periods(programme, contract.period)
    home = engine.near or connect()
    progress("measuring")
    measured = figures(programme, store, periods=periods, version=at, engine=engine, partials=partials)
    progress("verifying")
    today = last_day(store, at)
    ruled, lacking = delivered(programme, store, version=at, engine=engine)
    waivers = (*programme.waivers, *ruled)
    failed = checked(programme, measured, connection=home, partials=partials)
    failed = waive(programme, waivers, failed, today=today)
    verified = verify(programme, store, failed, period=contract.period, version=at, engine=engine)
    quality = _reviewed(programme, measured, contract.period)
    if any(rows.num_rows for rows in verified.replaced.values()):
        progress("measuring again with verified values")
        measured = with_verified(
            measured, programme, store, verified.replaced, version=at, engine=engine, partials=partials
        )
    standing = tuple(one for one in waivers if one.until >= today)
    reports = measured.table("reports")
    looked = patrol(Asked(programme, store, contract.period, at, engine, standing), reports)
    progress("scoring")
    points, asked = _points(programme, contract, measured, verified.verdicts)
    found = [*looked, *verified.findings, *asked, *lacking, *ran_out(waivers, today=today)]
    told = waive(programme, waivers, pa.concat_tables([failed, found_rows(found)]), today=today)
    return points | {
        "measures": _in_pieces(measured, "measures"),
        "indicators": _in_pieces(measured, "indicators"),
        "reports": _in_pieces(measured, "reports"),
        "findings": _findings(programme, store, told, (contract.period, at), connection=home),
        "verdicts": verified.verdicts,
        "factors": verified.factors,
        "quality": quality,
        "units": units_table(programme, contract.period),
        "batches": batches_table(store, at),
        "lineage": lineage_table(
            programme,
            store,
            contract.period,
            at,
            engine=engine,
            partials=partials if engine.near is not None else None,
        ),
    }


def _points(
    programme: Programme, contract: Contract, measured: Figures, verdicts: pa.Table
) -> tuple[dict[str, pa.Table], tuple[Finding, ...]]:
    """What is made of the figures of the contract's period and those beside it; what gates could not tell."""
    indicators = measured.table("indicators", _scored(programme, contract))
    allocated = {one.period.code for one in programme.allocations.values() if one.period is not None}
    measures = measured.table("measures", {contract.period.code} | allocated)
    scored = score(
        contract, programme.units, indicators, measures, calendar=programme.calendar, verdicts=verdicts
    )
    return {
        "differences": differences_table(programme, indicators, contract.period),
        "composites": composites_table(programme, indicators, contract.period),
        "scores": scored.scores,
        "totals": scored.totals,
        "ranks": scored.ranks,
        "gaps": scored.gaps,
        "sensitivity": scored.sensitivity,
        "allocations": allocate_all(programme, contract, measures),
    }, scored.findings


def _in_pieces(measured: Figures, name: str) -> pa.Table | dict[str, PeriodFile | pa.Table]:
    """A result table: whole, or by period where it is so large that what is kept of earlier runs matters."""
    return measured.pieces(name) if measured.rows(name) >= MANY else measured.table(name)


def _reviewed(programme: Programme, measured: Figures, period: Period) -> pa.Table:
    """The review of a period, which reads what lies in it, and the same period in other years."""
    if programme.review is None:
        return review_table(programme, measured.of(()), period)
    inside = {
        code
        for code, one in measured.periods.items()
        if one.frequency == period.frequency or (period.start <= one.start and one.end <= period.end)
    }
    return review_table(programme, measured.of(inside), period)


def _scored(programme: Programme, contract: Contract) -> set[str]:
    """The periods of which scores, differences and composites read indicators."""
    calendar, period = programme.calendar, contract.period
    found = {period.code, calendar.last_year(period).code}
    for one in with_strands(contract):
        if one.watch is not None:
            found |= {inner.code for inner in calendar.within(period, one.watch.frequency)}
    return found


def _findings(
    programme: Programme,
    store: Store,
    found: pa.Table,
    when: tuple[Period, int],
    *,
    connection: duckdb.DuckDBPyConnection,
) -> pa.Table:
    """Findings of checks and patterns with who was heard; and those of receipt."""
    period, at = when
    found = with_hearing(programme, store, found, period=period, at=at, connection=connection)
    return findings_table(store, found, at)


def _manifest(
    programme: Programme,
    store: Store,
    contract: Contract,
    period: Period,
    at: int,
    *,
    mode: str,
    engine: str,
    made_at: dt.datetime,
) -> dict[str, Any]:
    inputs = {
        "programme": {"code": programme.code, "title": _both(programme.title), "hash": programme.hash},
        "contract": contract.code,
        "contract_title": _both(contract.title),
        "period": period.code,
        "mode": mode,
        "engine": engine,
        "data_version": at,
        "data_hash": data_hash(store, at),
        "code_version": code_version(),
    }
    digest = hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()
    suffix = "" if mode == "official" else f"-{mode}"
    run = f"{contract.code}-{period.code}{suffix}-{digest[:10]}"
    return inputs | {"run": run, "made_at": made_at.isoformat(timespec="seconds")}


def data_hash(store: Store, at: int) -> str:
    """sha256 over the numbers and content hashes of every batch up to `at`: what the data are, wherever they lie."""
    lines = [
        f"{row['_batch']} {row['hash']}" for row in store.receipts(at).select(["_batch", "hash"]).to_pylist()
    ]
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class _Readable:
    """A run with its frozen programme resolved, as pages are made from it."""

    manifest: Mapping[str, Any]
    programme: Programme
    table: Callable[[str], pa.Table]


def publish_run(run: Run, out: Path, *, languages: Sequence[str], linkages: Sequence[Path] = ()) -> Site:
    """The static site of a run with every figure in full, marked as internal, written to `out`."""
    manifest = dict(run.manifest) | {"internal": True}
    readable = _Readable(manifest, frozen_programme(run), run.table)
    return publish(readable, out, languages=languages, linkages=linkages)


def _both(text: Text) -> dict[str, str]:
    return {"en": text["en"], "zh": text["zh"]}
