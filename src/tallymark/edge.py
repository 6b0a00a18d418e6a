"""The public functions as others call them: with the time filled in where it is left out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from tallymark import flow
from tallymark.clock import now
from tallymark.explaining import Explanation
from tallymark.explaining import explain as explain_figure
from tallymark.planning import Made, plan_ahead
from tallymark.programme.resolved import Programme
from tallymark.publish import Site, must_be_free, publish
from tallymark.recomputing import recompute as recompute_run
from tallymark.releasing import release, release_beside
from tallymark.sources.receive import Receipt
from tallymark.sources.receive import receive as receive_at
from tallymark.store import Store
from tallymark.store.runs import Run
from tallymark.vault import Vault


def receive(
    programme: Programme,
    store: Store,
    name: str,
    path: str | Path,
    *,
    received_at: dt.datetime | None = None,
    vault: Vault | None = None,
    engine: str = "duckdb",
) -> Receipt:
    """The receipt of one delivery: `path` taken into the store as source (or dataset) `name`, whole or not at all.

    What identifies people goes to `vault`, by default the store's own; the store has keyed digests of it.
    `engine` sets the rows against each other and against the store's.
    """
    return receive_at(
        programme, store, name, Path(path), received_at=received_at or now(), vault=vault, engine=engine
    )


def assess(
    programme: Programme,
    store: Store,
    *,
    contract: str,
    period: str | None = None,
    engine: str = "duckdb",
    mode: str = "official",
    data_version: int | None = None,
    made_at: dt.datetime | None = None,
    fresh: bool = False,
    progress: flow.Progress = lambda _: None,
) -> Run:
    """The run that scores `contract` for `period`; the same inputs give the same bytes (see `recompute`).

    Months that were counted before and have not changed are not counted again; `fresh` counts them anew.
    """
    return flow.assess(
        programme,
        store,
        contract=contract,
        period=period,
        engine=engine,
        mode=mode,
        data_version=data_version,
        made_at=made_at or now(),
        fresh=fresh,
        progress=progress,
    )


def explain(run: Run, *, indicator: str, unit: str, period: str | None = None) -> Explanation:
    """Where a figure comes from: formula, parts, children, rows, batches, corrections, findings, points, what changed."""
    return explain_figure(run, indicator=indicator, unit=unit, period=period)


def recompute(run: Run, *, store: Store | None = None, engine: str | None = None) -> list[str]:
    """What differs when the run is made again; empty when every byte is the same (on another `engine`: every figure)."""
    return list(recompute_run(run, store, engine=engine))


def publish_run(
    run: Run,
    out: str | Path,
    *,
    languages: Sequence[str] = ("en", "zh"),
    internal: bool = False,
    releases: str | Path | None = None,
    released_at: dt.datetime | None = None,
    linkages: Sequence[str | Path] = (),
) -> Site:
    """The static site, workbook and open data of what may be made public of a run, written to `out`.

    The release is kept in `releases` (beside the store's runs when left out), so that later ones know of it.
    internal: every figure in full, marked as the office's own; nothing is released.
    linkages: folders of `tallymark link`, for the page of verification.
    Errors: TallymarkError when small counts could be worked out; nothing is written then.
    """
    linked = [Path(folder) for folder in linkages]
    if internal:
        return flow.publish_run(run, Path(out), languages=tuple(languages), linkages=linked)
    must_be_free(Path(out))
    at = released_at or now()
    if releases is None:
        released = release_beside(run, released_at=at)
    else:
        released = release(run, Path(releases), released_at=at)
    return publish(released, Path(out), languages=tuple(languages), linkages=linked)


def project_scenarios(scenario: str | Path, out: str | Path) -> Made:
    """A declared projection: stocks, ages, quantiles and planning pages, written to `out`."""
    return plan_ahead(Path(scenario), Path(out))
