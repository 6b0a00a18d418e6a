"""Patterns in how records came about: corrections that always help, events entered twice, records made long after."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import duckdb
import numpy as np
import pyarrow as pa
from scipy import special

from tallymark.model.periods import Period
from tallymark.programme.resolved import Dataset, Programme
from tallymark.programme.written.patterns import WrittenMade
from tallymark.store import Store
from tallymark.store.store import every_row
from tallymark.verify.patterns.odd import Odd, discoveries

LEAST_REVISIONS = 5
SURE = 1e-3
REVISED = 0.02
"""Units that correct five times or more are few: a chance of 1 in 50 is told."""
COINCIDENCES = 0.5
"""Pairs of different events that agree in everything, which a dataset may have by chance before none is told."""
LATE_SHARE = 0.05


def revised_upwards(
    store: Store,
    dataset: Dataset,
    helps: Mapping[str, int],
    *,
    period: Period,
    version: int,
    connection: duckdb.DuckDBPyConnection,
    share: float,
) -> Iterator[Odd]:
    """Units whose corrections nearly all go the way that helps them; `helps`: item → +1 or −1.

    So many helping ones have the chance P(binomial(n, s) ≥ k), s the share of
    helping ones among the other units' corrections and at least ½.
    """
    if not helps or store.version < 2:
        return
    rows = every_row(store, dataset.name, version)
    superseded = store.system("_superseded", version)
    connection.register("replaced", superseded)
    try:
        table = connection.sql(
            f"""SELECT old.unit AS unit, old.item AS item, list_sort(list_distinct(list(old.period))) AS periods,
                       COUNT(*) FILTER (new.value > old.value) AS up, COUNT(*) FILTER (new.value < old.value) AS down
                FROM replaced r
                JOIN ({rows}) old ON old._batch = r.old_batch AND old._row = r.old_row
                JOIN ({rows}) new ON new._batch = r._batch AND new._row = r.new_row
                WHERE r.dataset = ? AND old.period >= ? GROUP BY ALL""",
            params=[dataset.name, f"{period.start:%Y-%m}"],
        ).to_arrow_table()
    finally:
        connection.unregister("replaced")
    yield from of_revisions(table, dataset.name, helps, period=period, share=share)


def of_revisions(
    table: pa.Table, dataset: str, helps: Mapping[str, int], *, period: Period, share: float
) -> Iterator[Odd]:
    """Of a table (unit, item, periods, up, down) of corrections: units whose corrections nearly all help them."""
    tally: dict[str, tuple[int, int, set[str]]] = {}
    for row in table.to_pylist():
        way = helps.get(row["item"])
        if way is None:
            continue
        good, bad = (row["up"], row["down"]) if way > 0 else (row["down"], row["up"])
        k, n, periods = tally.get(row["unit"], (0, 0, set()))
        tally[row["unit"]] = (k + good, n + good + bad, periods | set(row["periods"]))
    units = sorted(unit for unit, (_, n, _) in tally.items() if n >= LEAST_REVISIONS)
    helping, number = (np.array([tally[unit][at] for unit in units], float) for at in (0, 1))
    if not units:
        return
    every = np.array([[k, n] for k, n, _ in tally.values()], float).sum(axis=0)
    usual = np.clip((every[0] - helping + 1) / (every[1] - number + 2), 0.5, 0.95)
    chance = special.bdtrc(helping - 1, number, usual)
    for at in np.flatnonzero(discoveries(chance, share=share, always=REVISED) & (chance <= 0.05)).tolist():
        values = {"count": int(helping[at]), "n": int(number[at])}
        yield Odd(
            "revised_upwards", dataset, units[at], period.code, "", float(chance[at]),
            float(helping[at] / number[at]), values, tuple(sorted(tally[units[at]][2])),
        )  # fmt: skip


def entered_twice(
    store: Store,
    dataset: Dataset,
    *,
    months: tuple[int, int],
    version: int,
    connection: duckdb.DuckDBPyConnection,
) -> Iterator[Odd]:
    """Events that agree in everything but their key, where so much agreement is no coincidence.

    Expected coincidences: pairs of events of the same unit and day × Π over the other columns of the chance that two
    events agree in it.
    """
    others = [name for name in dataset.columns if name not in (dataset.unit, dataset.date, *dataset.key)]
    if not others or not dataset.key:
        return
    source = (
        f"(SELECT * FROM {store.relation(dataset, version)} WHERE _month BETWEEN {months[0]} AND {months[1]})"
    )
    agreeing = ", ".join(
        "(SELECT SUM(n * n) / NULLIF(SUM(n), 0)::DOUBLE ^ 2 "
        f'FROM (SELECT COUNT(*)::DOUBLE AS n FROM s GROUP BY "{name}"))'
        for name in others
    )
    ((same_day, *each),) = connection.execute(
        f"""WITH s AS {source}, days AS (SELECT COUNT(*)::DOUBLE AS n FROM s GROUP BY _unit, _day)
            SELECT (SELECT SUM(n * (n - 1) / 2) FROM days), {agreeing}"""
    ).fetchall()
    if not same_day or any(part is None for part in each) or same_day * float(np.prod(each)) > COINCIDENCES:
        return
    listed = ", ".join(f'"{name}"' for name in others)
    key = " || ' ' || ".join(f'"{name}"::VARCHAR' for name in dataset.key)
    rows = connection.execute(
        f"""WITH s AS {source}
            SELECT _unit, MIN(_month), COUNT(*), string_agg({key}, ', ' ORDER BY {key})
            FROM s GROUP BY _unit, _day, {listed} HAVING COUNT(*) > 1 ORDER BY 1, 2, 4"""
    ).fetchall()
    expected = same_day * float(np.prod(each))
    personal = any(
        dataset.columns[name].sensitivity in ("personal", "sensitive")
        for name in dataset.key
        if name in dataset.columns
    )
    for unit, month, count, keys in rows:
        code = f"{month // 12}-{month % 12 + 1:02d}"
        values = {"count": int(count), "keys": "" if personal else keys, "columns": len(others) + 2}
        yield Odd(
            "entered_twice", dataset.name, unit, code, "", min(expected, 1.0), float(count), values, (code,)
        )


def late_evidence(
    store: Store, one: WrittenMade, *, period: Period, months: tuple[int, int], version: int,
    connection: duckdb.DuckDBPyConnection, share: float, dataset: Dataset,
) -> Iterator[Odd]:  # fmt: skip
    """Units many of whose records were made long after the event, while others' were not."""
    made = f'"{one.made}"' if one.made else "_at::DATE"
    rows = connection.execute(
        f"""SELECT _unit, COUNT(*), COUNT(*) FILTER (made > day + {one.days}),
                   MEDIAN(made - day) FILTER (made > day + {one.days})
            FROM (SELECT _unit, DATE '1970-01-01' + _day::INTEGER AS day, {made}::DATE AS made
                  FROM {store.relation(dataset, version)} WHERE _month BETWEEN {months[0]} AND {months[1]})
            WHERE made IS NOT NULL GROUP BY 1 ORDER BY 1"""
    ).fetchall()
    yield from made_late(rows, one, period=period, share=share, dataset=dataset.name)


def made_late(
    rows: Sequence[tuple[str, int, int, float | None]],
    one: WrittenMade,
    *,
    period: Period,
    share: float,
    dataset: str,
) -> Iterator[Odd]:
    """Of rows (unit, records, records made late, middle delay of these): units where far more are late than elsewhere."""
    if not rows:
        return
    number, late = (np.array([row[at] for row in rows], float) for at in (1, 2))
    usual = float(np.median(late / number))
    chance = special.bdtrc(np.maximum(late - 1, 0), number, min(max(usual, LATE_SHARE), 0.9))
    chance = np.where(late == 0, 1.0, chance)
    for at in np.flatnonzero(discoveries(chance, share=share, always=SURE) & (chance <= SURE)).tolist():
        values = {"count": int(late[at]), "n": int(number[at]), "days": one.days, "usual": usual,
                  "typical": float(rows[at][3] or 0)}  # fmt: skip
        yield Odd(
            "late_evidence", dataset, rows[at][0], period.code, one.made or "", float(chance[at]),
            float(late[at] / number[at]), values,
        )  # fmt: skip


def reporting(programme: Programme, reports: pa.Table, *, period: Period) -> Iterator[Odd]:
    """Units with reports missing or late in the period, one finding a unit and dataset."""
    inner = {
        name: {span.code for span in programme.calendar.within(period, dataset.frequency)}
        for name, dataset in programme.datasets.items()
        if dataset.kind == "reports" and dataset.frequency and dataset.level is not None
    }
    found: dict[tuple[str, str, str], list[str]] = {}
    due: dict[tuple[str, str], int] = {}
    for row in reports.to_pylist():
        own = inner.get(row["dataset"])
        dataset = programme.datasets[row["dataset"]]
        if (
            own is None
            or row["period"] not in own
            or dataset.level is None
            or row["level"] != dataset.level.code
        ):
            continue
        key = (row["dataset"], row["unit"])
        due[key] = due.get(key, 0) + int(row["expected"] or 0)
        if row["expected"] and not row["received"]:
            found.setdefault(("missing_reports", *key), []).append(row["period"])
        elif row["on_time"] is not None and row["received"] and row["on_time"] < row["received"]:
            found.setdefault(("late_reports", *key), []).append(row["period"])
    for (kind, name, unit), slots in sorted(found.items()):
        slots.sort()
        values = {
            "count": len(slots),
            "n": due[name, unit],
            "which": ", ".join(slots[:6]) + (" …" if len(slots) > 6 else ""),
        }
        yield Odd(kind, name, unit, period.code, "", 0.0, len(slots) / due[name, unit], values, tuple(slots))
