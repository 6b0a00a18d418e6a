"""Measuring again, slowly and obviously: dicts and loops over single units, months and rows. The oracle of the tests."""

from __future__ import annotations

import calendar as gregorian
import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np

from tallymark.model.periods import Period, month_number
from tallymark.programme.resolved import Dataset, Indicator, Measure, Programme
from tallymark.statistics.intervals import poisson_interval, proportion_interval

Row = Mapping[str, Any]
Key = tuple[str, str, str, str, str]
"""name, unit, period, breakdown, category"""
EVERY = None


def month_days(month: int) -> tuple[dt.date, dt.date]:
    year, at = divmod(month, 12)
    last = gregorian.monthrange(year, at + 1)[1]
    return dt.date(year, at + 1, 1), dt.date(year, at + 1, last)


def truth(expression: Any, row: Row) -> bool:
    return number(expression, row) == 1


def number(expression: Any, row: Row) -> Any:
    """An expression over one row; None where unknown."""
    arrays = {}
    for name in expression.names:
        value = row.get(name)
        if isinstance(value, str):
            arrays[name] = np.array([value], dtype=object)
        elif isinstance(value, dt.date):
            arrays[name] = np.array([value], dtype="datetime64[D]")
        elif value is None and name in ("sex", "place", "who", "size"):
            arrays[name] = np.array([None], dtype=object)
        else:
            arrays[name] = np.array([np.nan if value is None else float(value)])
    found = expression.evaluate(arrays)
    one = np.broadcast_to(found, (1,))[0]
    if isinstance(one, float | np.floating) and math.isnan(one):
        return None
    return one


class Twin:
    """One programme with its rows; every figure is worked out alone."""

    def __init__(
        self,
        programme: Programme,
        rows: Mapping[str, Sequence[Row]],
        *,
        horizon: dt.date | None = None,
        boundaries: dt.date | None = None,
    ) -> None:
        self.programme, self.horizon, self.boundaries = programme, horizon, boundaries
        self.units, self.calendar = programme.units, programme.calendar
        self.rows = {
            name: [r for r in rows.get(name, ()) if r["unit"] in self.units.index]
            for name in programme.datasets
        }
        self.ancestors = cache(self._ancestors)
        self.report = cache(self._report)
        self.leaf = cache(self._leaf)
        self.shares = cache(self._shares)

    # --- the tree -------------------------------------------------------------------------------------------

    def life(self, unit: str) -> tuple[dt.date, dt.date]:
        """First and last day of a unit."""
        at = self.units.index[unit]
        closed = self.units.closed[at]
        return self.units.opened[at] or dt.date.min, closed - dt.timedelta(days=1) if closed else dt.date.max

    def day_in(self, unit: str, month: int) -> dt.date:
        """The day whose tree a unit's figures of a month follow: the month's last, within the unit's life."""
        first, last = self.life(unit)
        month = min(max(month, month_number(first)), month_number(last))
        return min(month_days(month)[1], last)

    def _ancestors(self, unit: str, month: int) -> dict[str, float]:
        """The units in which a unit's figures of a month count → with which weight."""
        if self.boundaries is not None:
            return self.shares(unit, month)
        day, found, at = self.day_in(unit, month), {}, unit
        while at is not None:
            found[at] = 1.0
            at = self.units.parent_on(at, day)
        return found

    def _shares(self, unit: str, month: int) -> dict[str, float]:
        assert self.boundaries is not None
        ways = [w for w in self.restating() if w["unit"] == unit]
        if not ways:
            ways = [{"successor": unit, "weight": 1.0, "first_month": month, "last_month": month}]
        low, high = min(w["first_month"] for w in ways), max(w["last_month"] for w in ways)
        month = min(max(month, low), high)
        found: dict[str, float] = {}
        for way in ways:
            if way["first_month"] <= month <= way["last_month"]:
                at = way["successor"]
                while at is not None:
                    found[at] = found.get(at, 0.0) + way["weight"]
                    at = self.units.parent_on(at, self.boundaries)
        return {u: 1.0 if abs(w - 1) < 1e-9 else w for u, w in found.items()}

    @cache  # noqa: B019
    def restating(self) -> list[Row]:
        assert self.boundaries is not None
        return self.units.restated(self.boundaries).to_pylist()

    # --- who reports ----------------------------------------------------------------------------------------

    def reporters(self, dataset: Dataset) -> list[str]:
        found = []
        for at, unit in enumerate(self.units.codes):
            if dataset.level and self.units.levels[at] != dataset.level.code:
                continue
            if not dataset.level and not any(row["unit"] == unit for row in self.rows[dataset.name]):
                continue
            attributes = {name: column[at] for name, column in self.units.attributes.items()}
            if dataset.reporters and not truth(dataset.reporters, attributes | {"unit": unit}):
                continue
            found.append(unit)
        return found

    def owes(self, unit: str, month: int) -> bool:
        first, last = month_days(month)
        at = self.units.index[unit]
        opened, closed = self.units.opened[at], self.units.closed[at]
        return (opened is None or opened <= first) and (closed is None or closed >= last)

    def slots(self, dataset: Dataset, period: Period) -> tuple[Period, ...]:
        if dataset.kind == "reports":
            return self.calendar.within(period, str(dataset.frequency))
        return self.calendar.within(
            period, period.frequency if period.frequency in ("day", "week") else "month"
        )

    def rows_in(self, dataset: Dataset, unit: str, slot: Period) -> list[Row]:
        return [
            row
            for row in self.rows[dataset.name]
            if row["unit"] == unit
            and (
                row["period"] == slot.code
                if dataset.kind == "reports"
                else slot.start <= row["day"] <= slot.end
            )
        ]

    def _report(self, name: str, unit: str, slot: Period) -> tuple[bool, bool]:
        """Whether a unit's report for a slot is due, and whether it was received."""
        dataset = self.programme.datasets[name]
        due = unit in self.reporters(dataset) and self.owes(unit, month_number(slot.end))
        got = bool(self.rows_in(dataset, unit, slot))
        if dataset.kind == "events" and dataset.absence == "zero":
            got = got or (due and self.covered(dataset, slot))
        elif dataset.kind == "events" and dataset.absence != "missing":
            other = self.programme.datasets[dataset.absence]
            speaks = self.calendar.containing(slot.start, str(other.frequency))
            got = got or (speaks.end >= slot.end and bool(self.rows_in(other, unit, speaks)))
        return due or got, got

    def covered(self, dataset: Dataset, slot: Period) -> bool:
        days = [row["day"] for row in self.rows[dataset.name]]
        if not days:
            return False
        last = self.horizon or month_days(max(map(month_number, days)))[1]
        return month_days(min(map(month_number, days)))[0] <= slot.start and slot.end <= last

    # --- leaf figures ---------------------------------------------------------------------------------------

    def category(self, dataset: Dataset, row: Row, breakdown: str) -> str | None:
        value = row.get(breakdown) or None
        return "unknown" if value is None and dataset.kind == "events" else value

    def _leaf(self, measure: str, unit: str, slot: Period) -> dict[tuple[str, str], float] | None:
        """(breakdown, category) → figure of one unit and slot; None when nothing is usable; ('', '') is the total."""
        one = self.programme.measures[measure]
        dataset = one.dataset
        if not self.report(dataset.name, unit, slot)[1]:
            return None
        rows = self.rows_in(dataset, unit, slot)
        found: dict[tuple[str, str], list[Row]] = {("", ""): rows}
        for breakdown in dataset.breakdowns:
            for row in rows:
                category = self.category(dataset, row, breakdown)
                if category is not None:
                    found.setdefault((breakdown, category), []).append(row)
        made = {key: self.aggregate(one, members) for key, members in found.items()}
        usable = {key: value for key, value in made.items() if value is not None}
        return usable if ("", "") in usable else None

    def aggregate(self, one: Measure, rows: Sequence[Row]) -> float | None:
        events = one.dataset.kind == "events"
        of_item = [row for row in rows if events or one.item is None or row["item"] == one.item]
        met = [row for row in of_item if one.where is None or truth(one.where, row)]
        if one.aggregate == "count":
            if events:
                return float(len(met))
            if not any(row["value"] is not None for row in of_item):
                return None
            return float(sum(row["value"] is not None for row in met))
        values = [number(one.of, row) if one.of is not None else row["value"] for row in met]
        known = [float(value) for value in values if value is not None]
        if known:
            return math.fsum(known)
        return 0.0 if events and not met else None

    # --- figures of all units -------------------------------------------------------------------------------

    def measures(self, periods: Iterable[Period]) -> dict[Key, dict[str, Any]]:
        found: dict[Key, dict[str, Any]] = {}
        for period in periods:
            for name in self.programme.measures:
                found.update(self.figures(name, period))
        return {key: row for key, row in found.items() if row["shown"]}

    @cache  # noqa: B019
    def figures(self, name: str, period: Period) -> dict[Key, dict[str, Any]]:
        one = self.programme.measures[name]
        if one.dataset.kind == "stocks":
            return self.stock_figures(one, period)
        slots = self.slots(one.dataset, period)
        counts, part = self.counts(one.dataset, period)
        totals: dict[tuple[str, str, str], float] = {}
        usable: dict[tuple[str, str, str], int] = {}
        for unit in self.units.codes:
            for slot in slots:
                leaf = (
                    self.distinct_leaf(one, unit, slot)
                    if one.aggregate == "distinct"
                    else self.leaf(name, unit, slot)
                )
                for above, weight in self.ancestors(unit, month_number(slot.end)).items():
                    for (breakdown, category), value in (leaf or {}).items():
                        key = (above, breakdown, category)
                        usable[key] = usable.get(key, 0) + 1
                        totals[key] = totals.get(key, 0.0) + value * weight
        levels, reach = {}, {}
        if one.aggregate != "distinct" and one.over_time != "sum":
            levels, reach = self.levels(one, period)
        found: dict[Key, dict[str, Any]] = {}
        for unit, (expected, received) in counts.items():
            for breakdown, category in [("", ""), *self.categories(one.dataset)]:
                key = (unit, breakdown, category)
                good = usable.get(key, 0)
                if one.dataset.kind == "events":
                    bad = sum(
                        self.report(one.dataset.name, u, s)[1]
                        and self.unusable(one, u, s, breakdown, category)
                        for u in self.units.codes
                        for s in slots
                        if unit in self.ancestors(u, month_number(s.end))
                    )
                    good = received - bad
                value = totals.get(key, 0.0 if one.dataset.kind == "events" else None) if good else None
                if one.aggregate == "distinct" and good:
                    value = (
                        self.distinct(one, unit, slots, breakdown, category) if not part.get(unit) else None
                    )
                elif one.over_time != "sum" and good and one.aggregate != "distinct":
                    value = levels.get(key)
                    if (
                        value is None
                        and one.dataset.kind == "events"
                        and reach.get((unit, "", ""), (0, 0))[1]
                    ):
                        value = 0.0
                shown = not breakdown or (received if one.dataset.kind == "events" else good) > 0
                basis = self.basis(value, expected, good, bool(part.get(unit)))
                of, have = reach.get((unit, "", ""), (0, 0))
                if breakdown and one.dataset.kind != "events":
                    have = reach.get(key, (0, 0))[1]
                above, below = (
                    (expected, good) if one.over_time == "sum" or one.aggregate == "distinct" else (of, have)
                )
                scale = above / below if below else None
                found[name, unit, period.code, breakdown, category] = {
                    "value": value, "expected": expected, "received": received, "usable": good, "basis": basis,
                    "scale": scale, "part": bool(part.get(unit)), "shown": shown,
                }  # fmt: skip
        return found

    def unusable(self, one: Measure, unit: str, slot: Period, breakdown: str, category: str) -> bool:
        """Whether an events sum has matching rows of which none has a value."""
        if one.aggregate != "sum":
            return False
        rows = self.rows_in(one.dataset, unit, slot)
        if breakdown:
            rows = [row for row in rows if self.category(one.dataset, row, breakdown) == category]
        return bool(rows) and self.aggregate(one, rows) is None

    def distinct_leaf(self, one: Measure, unit: str, slot: Period) -> dict[tuple[str, str], float] | None:
        return {("", ""): 0.0} if self.report(one.dataset.name, unit, slot)[1] else None

    def distinct(
        self, one: Measure, unit: str, slots: Iterable[Period], breakdown: str, category: str
    ) -> float:
        seen = set()
        for slot in slots:
            for leaf in self.units.codes:
                if self.ancestors(leaf, month_number(slot.end)).get(unit) != 1:
                    continue
                for row in self.rows_in(one.dataset, leaf, slot):
                    if breakdown and self.category(one.dataset, row, breakdown) != category:
                        continue
                    if one.where is None or truth(one.where, row):
                        seen.add(row.get(str(one.of)))
        return float(len(seen - {None}))

    @staticmethod
    def basis(value: float | None, expected: int, usable: int, part: bool) -> str:
        if value is None:
            return "missing"
        return "estimated" if part else "partial" if usable < expected else "reported"

    def counts(self, dataset: Dataset, period: Period) -> tuple[dict[str, tuple[int, int]], dict[str, bool]]:
        """Unit → (expected, received) for every unit that has a row, and whether shares of units are in it."""
        found: dict[str, list[int]] = {}
        part: dict[str, bool] = {}
        slots = self.slots(dataset, period)
        for unit in self.units.codes:
            for slot in slots:
                due, got = self.report(dataset.name, unit, slot)
                for above, weight in self.ancestors(unit, month_number(slot.end)).items() if due else ():
                    count = found.setdefault(above, [0, 0])
                    count[0] += 1
                    count[1] += got
                    part[above] = part.get(above, False) or (got and weight != 1)
        if not slots:
            month = month_number(period.end)
            for unit in self.reporters(dataset):
                for above in self.ancestors(unit, month) if self.owes(unit, month) else ():
                    found.setdefault(above, [0, 0])
        return {unit: (due, got) for unit, (due, got) in found.items()}, part

    def categories(self, dataset: Dataset) -> list[tuple[str, str]]:
        """Every category that is declared or occurs."""
        found = set()
        for breakdown in dataset.breakdowns:
            column = dataset.columns.get(breakdown)
            found |= {(breakdown, value) for value in (column.values if column else None) or ()}
            for row in self.rows[dataset.name]:
                category = self.category(dataset, row, breakdown)
                if category is not None:
                    found.add((breakdown, category))
        return sorted(found)

    # --- levels ---------------------------------------------------------------------------------------------

    def exists(self, unit: str, day: dt.date) -> bool:
        first, last = self.life(unit)
        return first <= day <= last

    def months(self, period: Period) -> list[int]:
        if period.frequency in ("day", "week"):
            return [month_number(period.end)]
        return list(range(month_number(period.start), month_number(period.end) + 1))

    def lived(self, unit: str, period: Period) -> list[int]:
        """The months of a period at whose end a unit exists."""
        return [month for month in self.months(period) if self.exists(unit, month_days(month)[1])]

    def counts_in(self, unit: str, period: Period, rule: str) -> float:
        """With what share of itself a unit counts in a period's level."""
        if rule == "sum":
            return 1.0
        if rule in ("last", "first"):
            return float(self.exists(unit, period.end if rule == "last" else period.start))
        return len(self.lived(unit, period)) / len(self.months(period))

    def place_month(self, unit: str, period: Period, rule: str) -> int:
        if rule in ("last", "sum"):
            return month_number(period.end)
        if rule == "first":
            return month_number(period.start)
        return self.lived(unit, period)[-1]

    def levels(
        self, one: Measure, period: Period
    ) -> tuple[dict[tuple[str, str, str], float], dict[tuple[str, str, str], tuple[int, int]]]:
        """(unit, breakdown, category) → level, and → (units that should have one, units that have)."""
        found: dict[tuple[str, str, str], float] = {}
        reach: dict[tuple[str, str, str], list[int]] = {}
        holders = set(self.reporters(one.dataset))
        for unit in self.units.codes:
            share = self.counts_in(unit, period, one.over_time)
            figures = self.level_of(one, unit, period) if share else None
            if not share or (figures is None and unit not in holders):
                continue
            for above, weight in self.ancestors(unit, self.place_month(unit, period, one.over_time)).items():
                total = reach.setdefault((above, "", ""), [0, 0])
                total[0] += 1
                total[1] += figures is not None
                for (breakdown, category), value in (figures or {}).items():
                    key = (above, breakdown, category)
                    found[key] = found.get(key, 0.0) + value * share * weight
                    if breakdown:
                        reach.setdefault(key, [0, 0])[1] += 1
        return found, {key: (of, have) for key, (of, have) in reach.items()}

    def level_of(self, one: Measure, unit: str, period: Period) -> dict[tuple[str, str], float] | None:
        """A unit's level for a period before its share; None when it has none."""
        if one.dataset.kind == "stocks":
            return self.stock_level(one, unit, period)
        slots = self.slots(one.dataset, period)
        known = [leaf for slot in slots if (leaf := self.leaf(one.name, unit, slot)) is not None]
        if one.over_time == "mid_period" and slots:
            before = self.leaf(one.name, unit, self.calendar.back(slots[0]))
            after = self.leaf(one.name, unit, slots[-1])
            if before is not None and after is not None:
                known = [before, after]
        if not known:
            return None
        return mean({"last": known[-1:], "first": known[:1]}.get(one.over_time, known))

    def stock_level(self, one: Measure, unit: str, period: Period) -> dict[tuple[str, str], float] | None:
        dated = self.dated(one.name, unit)
        days = sorted(dated)
        day = dt.timedelta(days=1)

        def standing(at: dt.date) -> dt.date | None:
            return max((d for d in days if d <= at), default=None)

        if one.over_time == "sum":
            picked = [d for d in days if period.start <= d <= period.end]
            return mean([dated[d] for d in picked], 1 / len(picked)) if picked else None
        if one.over_time in ("last", "first"):
            picked = [standing(period.end if one.over_time == "last" else period.start)]
        elif one.over_time == "average":
            ends = [month_days(month)[1] for month in self.lived(unit, period)]
            if period.frequency in ("day", "week"):
                ends = [period.end]
            picked = [standing(end) for end in ends]
        else:
            at_start = [d for d in days if period.start - day <= d <= period.start]
            at_end = [d for d in days if period.end <= d <= period.end + day]
            inside = [d for d in days if period.start < d < period.end]
            if not at_start and not at_end and len(inside) == 1:
                picked = list(inside)
            else:
                picked = [standing(period.start), standing(period.end + day)]
        chosen = [dated[d] for d in picked if d is not None]
        return mean(chosen) if chosen else None

    @cache  # noqa: B019
    def dated(
        self, name: str | None, unit: str, dataset: str = ""
    ) -> dict[dt.date, dict[tuple[str, str], float]]:
        """Date → figures of a stock that have a value."""
        one = self.programme.measures[name] if name else None
        of = one.dataset if one else self.programme.datasets[dataset]
        found: dict[dt.date, dict[tuple[str, str], float]] = {}
        for row in self.rows[of.name]:
            if row["unit"] != unit or row["value"] is None:
                continue
            if one and ((one.item and row["item"] != one.item) or (one.where and not truth(one.where, row))):
                continue
            cells = found.setdefault(row["date"], {})
            keys = [("", "")] + [
                (b, c) for b in of.breakdowns if (c := self.category(of, row, b)) is not None
            ]
            for key in keys:
                cells[key] = cells.get(key, 0.0) + row["value"]
        return found

    def stock_figures(self, one: Measure, period: Period) -> dict[Key, dict[str, Any]]:
        levels, reach = self.levels(one, period)
        found: dict[Key, dict[str, Any]] = {}
        for unit in self.stock_spine(one.dataset, period):
            expected, _ = reach.get((unit, "", ""), (0, 0))
            part = self.has_part(one, unit, period)
            for breakdown, category in [("", ""), *self.categories(one.dataset)]:
                usable = reach.get((unit, breakdown, category), (0, 0))[1]
                shown = not breakdown or usable > 0
                value = levels.get((unit, breakdown, category)) if usable else None
                found[one.name, unit, period.code, breakdown, category] = {
                    "value": value, "expected": expected, "received": usable, "usable": usable,
                    "basis": self.basis(value, expected, usable, part),
                    "scale": expected / usable if usable else None, "part": part, "shown": shown,
                }  # fmt: skip
        return found

    def has_part(self, one: Measure, unit: str, period: Period) -> bool:
        """Whether a share of some unit is in any stock of the dataset."""
        for leaf in self.units.codes:
            standing = self.exists(leaf, period.end) and any(
                d <= period.end for d in self.dated(None, leaf, one.dataset.name)
            )
            if standing and self.ancestors(leaf, month_number(period.end)).get(unit, 1) != 1:
                return True
        for other in [m for m in self.programme.measures.values() if m.dataset is one.dataset]:
            for leaf in self.units.codes:
                share = self.counts_in(leaf, period, other.over_time)
                if share and self.level_of(other, leaf, period) is not None:
                    month = self.place_month(leaf, period, other.over_time)
                    if self.ancestors(leaf, month).get(unit, 1) != 1:
                        return True
        return False

    def stock_spine(self, dataset: Dataset, period: Period) -> set[str]:
        """Units that have rows: above any unit that should have or has a figure by any of the dataset's measures."""
        found: set[str] = set()
        rules = {m.name: m for m in self.programme.measures.values() if m.dataset is dataset}
        for unit in self.units.codes:
            holds = unit in self.reporters(dataset)
            if self.exists(unit, period.end) and (
                holds or any(d <= period.end for d in self.dated(None, unit, dataset.name))
            ):
                found |= self.ancestors(unit, month_number(period.end)).keys()
            for one in rules.values():
                if not self.counts_in(unit, period, one.over_time):
                    continue
                if holds or self.level_of(one, unit, period) is not None:
                    found |= self.ancestors(unit, self.place_month(unit, period, one.over_time)).keys()
        return found

    # --- indicators -----------------------------------------------------------------------------------------

    def indicator(self, one: Indicator, period: Period) -> dict[tuple[str, str, str], dict[str, Any]]:
        """(unit, breakdown, category) → the indicator's row."""
        measures = sorted(name for name in one.names if "." not in name)
        dotted = sorted(name for name in one.names if "." in name)
        datasets = sorted(
            {self.programme.measures[m].dataset.name for m in measures} | {d.split(".")[0] for d in dotted}
        )
        spines = []
        for name in datasets:
            dataset = self.programme.datasets[name]
            spines.append(
                set(self.counts(dataset, period)[0])
                if dataset.kind != "stocks"
                else self.stock_spine(dataset, period)
            )
        shared = set.intersection(*(set(self.programme.datasets[name].breakdowns) for name in datasets))
        keys = {("", "")}
        if not dotted:
            keys |= {
                key
                for name in datasets
                for key in self.categories(self.programme.datasets[name])
                if key[0] in shared
            }
        found = {}
        for unit in set.intersection(*spines):
            for breakdown, category in keys:
                row = self.indicator_row(one, measures, dotted, unit, period, breakdown, category)
                if not breakdown or row["num"] is not None or row["den"] is not None:
                    found[unit, breakdown, category] = row
        return found

    def indicator_row(
        self, one: Indicator, measures: Sequence[str], dotted: Sequence[str], unit: str, period: Period,
        breakdown: str, category: str,
    ) -> dict[str, Any]:  # fmt: skip
        figures = {
            m: self.figures(m, period).get((m, unit, period.code, breakdown, category)) for m in measures
        }
        as_is = {m: row["value"] if row else None for m, row in figures.items()}
        scaled = {
            m: row["value"] * row["scale"]
            if row and row["value"] is not None and row["scale"] is not None
            else None
            for m, row in figures.items()
        }
        for name in dotted:
            dataset, word = name.split(".")
            value = self.counts(self.programme.datasets[dataset], period)[0][unit][word == "received"]
            as_is[name] = scaled[name] = value
        share = {m: row["usable"] / row["expected"] for m, row in figures.items() if row and row["expected"]}
        worst = min(share.values(), default=1.0)
        num, den = number(one.numerator, as_is), number(one.denominator, as_is) if one.denominator else None
        snum, sden = (
            number(one.numerator, scaled),
            number(one.denominator, scaled) if one.denominator else None,
        )
        scale = one.factor * (self.calendar.per_year(period.frequency) if one.annualise else 1)
        need = {"refuse": 1.0, "partial": one.min_completeness, "estimate": one.estimate.min_completeness}[
            one.missing
        ]
        used = (snum, sden) if one.missing == "estimate" and worst < 1 and worst >= need else (num, den)
        value = None
        if worst >= need and used[0] is not None:
            if one.denominator is None:
                value = scale * used[0]
            elif used[1]:
                value = scale * used[0] / used[1]
        part = any(row and row["part"] for row in figures.values())
        least = next(
            (m for m in measures if m in share and share[m] == worst), measures[0] if measures else None
        )
        of_least = (figures[least] if least else None) or {}
        basis = "reported" if worst >= 1 else "estimated" if one.missing == "estimate" else "partial"
        basis = "missing" if value is None else "estimated" if part else basis
        low, high = self.limits(one, num, den, snum, sden, scale=scale, worst=worst)
        return {
            "value": value, "numerator": used[0], "denominator": used[1], "basis": basis, "num": num, "den": den,
            "low": None if value is None else low, "high": None if value is None else high,
            **(of_least if least else dict(zip(("expected", "received", "usable"), self.reports_of(dotted[0], unit, period), strict=True))),
        } | {name: of_least.get(name, 0) for name in ("expected", "received", "usable") if least} | {
            "value": value, "basis": basis,
        }  # fmt: skip

    def reports_of(self, name: str, unit: str, period: Period) -> tuple[int, int, int]:
        due, got = self.counts(self.programme.datasets[name.split(".")[0]], period)[0][unit]
        return due, got, got

    @staticmethod
    def limits(
        one: Indicator, num: Any, den: Any, snum: Any, sden: Any, *, scale: float, worst: float
    ) -> tuple[float | None, float | None]:
        """The interval: of the reading as it is, of the scaled reading, or of both."""
        if one.interval == "none" or num is None or (one.denominator is not None and not den):
            return None, None

        def proportion(successes: float) -> tuple[float, float]:
            low, high = proportion_interval(successes, den, method=one.interval)
            return scale * float(low), scale * float(high)

        def count(stretch: float, below: float) -> tuple[float, float]:
            low, high = poisson_interval(num, method={"poisson": "exact", "byar": "byar"}[one.interval])
            return scale * float(low) * stretch / below, scale * float(high) * stretch / below

        if one.interval in ("poisson", "byar"):
            plain = count(1.0, den if one.denominator else 1.0)
            stretched = None
            if snum is not None and (one.denominator is None or sden):
                stretched = count(snum / num if num else 1 / worst, sden if one.denominator else 1.0)
        elif one.denominator is None:
            return None, None
        else:
            plain, stretched = proportion(num), None
            if snum is not None and sden:
                share = snum / sden
                stretched = proportion((min(share, 1.0) if one.missing != "estimate" else share) * den)
        if worst >= 1:
            low, high = plain
        elif one.missing == "estimate":
            low, high = stretched or (math.nan, math.nan)
        else:
            low, high = plain
            if stretched and not math.isnan(high):
                low, high = np.fmin(low, stretched[0]), np.fmax(high, stretched[1])
        return (None, None) if math.isnan(low) or math.isnan(high) else (float(low), float(high))


def mean(
    figures: Sequence[Mapping[tuple[str, str], float]], share: float | None = None
) -> dict[tuple[str, str], float]:
    """The mean of figures; a category that one of them lacks adds nothing. `share` 1/n makes it a sum."""
    keys = {key for one in figures for key in one}
    total = {key: math.fsum(one.get(key, 0.0) for one in figures) for key in keys}
    return {key: value / (1 if share else len(figures)) for key, value in total.items()}
