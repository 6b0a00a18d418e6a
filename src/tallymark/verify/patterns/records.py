"""Patterns in how records came about: corrections that always help, events entered twice, records made long after."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy import special

from tallymark.engine.interface import Engine, tuples
from tallymark.engine.sql import Query, column, select, text
from tallymark.model.periods import Period
from tallymark.programme.resolved import Dataset, Programme
from tallymark.programme.written.patterns import WrittenMade
from tallymark.store import Store, stored
from tallymark.store.store import every_stored
from tallymark.verify.patterns.odd import Odd, discoveries

LOOKED = "looked_records"
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
    engine: Engine,
    share: float,
) -> Iterator[Odd]:
    """Units whose corrections nearly all go the way that helps them; `helps`: item → +1 or −1.

    So many helping ones have the chance P(binomial(n, s) ≥ k), s the share of
    helping ones among the other units' corrections and at least ½.
    """
    if not helps or store.version < 2:
        return
    engine.relation(LOOKED, every_stored(store, dataset.name, version))
    superseded = store.system("_superseded", version)
    engine.lend("replaced", superseded.filter(pc.equal(superseded.column("dataset"), dataset.name)))
    sides = (("old", "old_batch", "old_row"), ("new", "_batch", "new_row"))
    query = select("old.unit", "old.item", "LIST_SORT(LIST_DISTINCT(LIST(old.period))) AS periods").from_(
        "replaced AS r"
    )
    for name, order in (("up", ">"), ("down", "<")):
        query = query.select(f"COUNT(CASE WHEN new.value {order} old.value THEN 1 END) AS {name}")
    for side, batch, row in sides:
        query = query.join(f"{LOOKED} AS {side}", on=f"{side}._batch = r.{batch} AND {side}._row = r.{row}")
    query = query.where(f"old.period >= {text(f'{period.start:%Y-%m}')}").group_by("old.unit", "old.item")
    table = engine.rows(query)
    engine.drop([LOOKED, "replaced"])
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
    engine: Engine,
) -> Iterator[Odd]:
    """Events that agree in everything but their key, where so much agreement is no coincidence.

    Expected coincidences: pairs of events of the same unit and day × Π over the other columns of the chance that two
    events agree in it.
    """
    others = [name for name in dataset.columns if name not in (dataset.unit, dataset.date, *dataset.key)]
    if not others or not dataset.key:
        return
    engine.relation(LOOKED, stored(store, dataset, version))
    within = select("*").from_(LOOKED).where(f"_month BETWEEN {months[0]} AND {months[1]}")
    expected = _coincidences(engine, within, others)
    if expected is None or expected > COINCIDENCES:
        engine.drop([LOOKED])
        return
    key = " || ' ' || ".join(f"CAST({column(name)} AS VARCHAR)" for name in dataset.key)
    rows = tuples(
        engine.rows(
            select(
                "_unit",
                "MIN(_month) AS month",
                "COUNT(*) AS many",
                f"STRING_AGG({key}, ', ' ORDER BY {key}) AS keys",
            )
            .from_(within.subquery("s"))
            .group_by("_unit", "_day", *map(column, others))
            .having("COUNT(*) > 1")
            .order_by("_unit", "month", "keys")
        )
    )
    engine.drop([LOOKED])
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


def _coincidences(engine: Engine, within: Query, others: Sequence[str]) -> float | None:
    """How many pairs of different events are expected to agree in everything; None where no pair can be told."""
    of_days = select("CAST(COUNT(*) AS DOUBLE) AS n").from_(within.subquery("s")).group_by("_unit", "_day")
    numbers = engine.rows(select("SUM(n * (n - 1) / 2) AS pairs").from_(of_days.subquery("days")))
    factors = [numbers.column(0)[0].as_py()]
    for name in others:
        alike = select("CAST(COUNT(*) AS DOUBLE) AS n").from_(within.subquery("s")).group_by(column(name))
        part = "SUM(n * n) / NULLIF(SUM(n) * SUM(n), 0) AS part"
        factors.append(engine.rows(select(part).from_(alike.subquery("alike"))).column(0)[0].as_py())
    same_day, *each = factors
    if not same_day or any(part is None for part in each):
        return None
    return float(same_day) * float(np.prod(each))


def late_evidence(
    store: Store, one: WrittenMade, *, period: Period, months: tuple[int, int], version: int,
    engine: Engine, share: float, dataset: Dataset,
) -> Iterator[Odd]:  # fmt: skip
    """Units many of whose records were made long after the event, while others' were not."""
    engine.relation(LOOKED, stored(store, dataset, version))
    made = column(one.made) if one.made else "_at"
    inside = select("_unit", f"DATE_DIFF('day', _day, CAST({made} AS DATE)) AS delay").from_(LOOKED)
    inside = inside.where(f"_month BETWEEN {months[0]} AND {months[1]}", f"NOT {made} IS NULL")
    late = f"CASE WHEN delay > {one.days} THEN"
    query = select(
        "_unit", "COUNT(*) AS many", f"COUNT({late} 1 END) AS late", f"MEDIAN({late} delay END) AS delay"
    )
    rows = tuples(engine.rows(query.from_(inside.subquery("v")).group_by("_unit").order_by("_unit")))
    engine.drop([LOOKED])
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
    """Units with reports missing or late in the period, one finding a unit and dataset.

    Recounts and answers to them are not owed: only who was drawn is recounted, and nobody has to answer.
    """
    not_owed = {one.by.name for one in programme.verifications.values()}
    not_owed |= {one.answers.name for one in programme.verifications.values() if one.answers is not None}
    inner = {
        name: {span.code for span in programme.calendar.within(period, dataset.frequency)}
        for name, dataset in programme.datasets.items()
        if dataset.kind == "reports"
        and dataset.frequency
        and dataset.level is not None
        and name not in not_owed
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
