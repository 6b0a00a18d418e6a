"""Laws of the dated tree: tables agree with slow, obvious twins; nothing is lost, doubled or hangs."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, event, example, given, settings
from hypothesis import strategies as st

from tallymark.errors import AssessmentError
from tallymark.findings import Severity
from tallymark.model.periods import month_end, month_number, month_start
from tallymark.model.units import Units, build_units

LEVELS = ("country", "district", "town", "village")
START = dt.date(2023, 1, 1)
MONTHS = range(month_number(START), month_number(START) + 18)
DAY = dt.timedelta(days=1)
EVER = (dt.date.min, dt.date.max)

days = st.integers(0, 17 * 30).map(lambda n: START + n * DAY) | st.sampled_from(
    [month_start(month) for month in MONTHS[1:]] + [month_end(month) for month in MONTHS]
)
"""Days in the window, with month ends and starts more often than chance has them."""


@st.composite
def declared(
    draw: st.DrawFn, *, apportioned: bool = False
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Rows of a tree of at most 15 units and changes that mostly fit; `apportioned` merges can be undone."""
    rows: list[dict[str, Any]] = []
    for n in range(draw(st.integers(3, 15))):
        higher = [row for row in rows if row["level"] != LEVELS[-1]]
        parent = draw(st.sampled_from(higher)) if higher else None
        above = LEVELS.index(parent["level"]) if parent else -1
        level = draw(st.sampled_from(LEVELS[above + 1 : above + 3]))
        life = draw(st.sampled_from(["always"] * 4 + ["opens", "closes"]))
        rows.append(
            {
                "unit": f"U{n}",
                "level": level,
                "parent": parent and parent["unit"],
                "opened": draw(days) if life == "opens" else None,
                "closed": draw(days) if life == "closes" else None,
            }
        )
    alive, changes = list(rows), []
    for n, date in enumerate(sorted(draw(st.lists(days, max_size=7)))):
        changes.append({"date": date} | draw(change(rows, alive, n, apportioned=apportioned)))
    return rows, changes


@st.composite
def change(
    draw: st.DrawFn, rows: list[dict[str, Any]], alive: list[dict[str, Any]], n: int, *, apportioned: bool
) -> dict[str, Any]:
    """A change of units alive; adds the rows of new successors, and takes away those that cease."""
    lower = [row for row in alive if row["parent"]] or alive
    level = draw(st.sampled_from(lower))["level"]
    same = [row for row in alive if row["level"] == level]
    kind = draw(st.sampled_from(["split", "merge", "move"]))
    if kind == "move":
        higher = [row for row in alive if LEVELS.index(row["level"]) < LEVELS.index(level)] or alive
        return {"kind": kind, "of": draw(units(same, 2)), "parent": draw(units(higher, 1))[0]}
    of = draw(units(same, 1 if kind == "split" else 3))
    pool = of if apportioned else [row["unit"] for row in same]
    heirs = []
    for k in range(draw(st.integers(1, 3)) if kind == "split" else 1):
        if draw(st.integers(0, 2)):
            parent = draw(st.sampled_from(same))["parent"]
            new = {"unit": f"N{n}{k}", "level": level, "parent": parent, "opened": None, "closed": None}
            rows.append(new)
            alive.append(new)
            heirs.append(new["unit"])
        else:
            heirs.append(draw(st.sampled_from(pool)))
    heirs = list(dict.fromkeys(heirs))
    alive[:] = [row for row in alive if row["unit"] not in of or row["unit"] in heirs] or list(rows)
    parts = [draw(st.integers(1, 5)) for _ in heirs]
    to = [{"unit": heir, "weight": part / sum(parts)} for heir, part in zip(heirs, parts, strict=True)]
    written = {"kind": kind, "of": of, "to": to}
    backs = [draw(st.integers(0, 5)) for _ in of]
    if sum(backs) and (apportioned or draw(st.booleans())):
        written["of_weights"] = [back / sum(backs) for back in backs]
    return written


def units(rows: Sequence[Mapping[str, Any]], most: int) -> st.SearchStrategy[list[str]]:
    codes = [row["unit"] for row in rows]
    return st.lists(st.sampled_from(codes), min_size=1, max_size=most, unique=True)


class Twin:
    """The rules of units.py again, one unit, day and step at a time, from rows and the changes kept."""

    def __init__(self, rows: Iterable[Mapping[str, Any]], units: Units) -> None:
        self.level = {row["unit"]: LEVELS.index(row["level"]) for row in rows}
        self.parent = {row["unit"]: row["parent"] for row in rows}
        self.life = {
            code: (opened or EVER[0], closed or EVER[1])
            for code, opened, closed in zip(units.codes, units.opened, units.closed, strict=True)
        }
        self.flows = [change for change in units.changes if change.kind != "move"]
        self.moves = [change for change in units.changes if change.kind == "move"]

    def stands(self, unit: str, day: dt.date) -> bool:
        return self.life[unit][0] <= day < self.life[unit][1]

    def ceased(self, change: Any) -> list[str]:
        return [unit for unit in change.of if unit not in [share.unit for share in change.to]]

    def declared_parent(self, unit: str, day: dt.date) -> str | None:
        """The parent by the row, then by whatever happened up to the day, in order."""
        parent = self.parent[unit]
        first_move = min((move.date for move in self.moves if unit in move.of), default=EVER[1])
        inherited: dict[dt.date, str] = {}
        while parent is not None:
            came = [
                (change.date, source)
                for change in self.flows
                for share in change.to
                for source in change.of
                if share.unit == parent and self.life[parent][0] == change.date
            ]
            if len(came) != 1 or not self.life[unit][0] < came[0][0] <= first_move:
                break
            if self.level[came[0][1]] >= self.level[unit]:
                break
            inherited[came[0][0]] = parent
            parent = came[0][1]
        for date in sorted({change.date for change in self.flows + self.moves if change.date <= day}):
            for change in self.flows:
                heirs = [share.unit for share in change.to]
                ends = change.date == date and len(heirs) == 1 and parent in self.ceased(change)
                if ends and self.level[heirs[0]] < self.level[unit]:
                    parent = heirs[0]
                    break
            parent = inherited.get(date, parent)
            for move in self.moves:
                if move.date == date and unit in move.of:
                    parent = move.parent
        return parent

    def above(self, unit: str, day: dt.date) -> list[str]:
        """Everything above a unit that stands on a day, nearest first."""
        found, parent = [], self.declared_parent(unit, day)
        while parent is not None:
            found += [parent] if self.stands(parent, day) else []
            parent = self.declared_parent(parent, day)
        return found

    def day_of(self, unit: str, month: int) -> dt.date | None:
        """The day whose state a month's figures follow; None when the unit stands on no day of the month."""
        last = min(month_end(month), self.life[unit][1] - DAY)
        return last if last >= max(self.life[unit][0], month_start(month)) else None

    def forward(self, unit: str, since: dt.date, day: dt.date) -> Counter[str]:
        held: Counter[str] = Counter({unit: 1.0})
        dates = {change.date for change in self.flows} | {life[1] for life in self.life.values()}
        for date in sorted(date for date in dates if since < date <= day):
            open_ends, after = list(held.items()), Counter[str]()
            while open_ends:
                unit, weight = open_ends.pop()
                change = next((c for c in self.flows if c.date == date and unit in c.of), None)
                above = self.above(unit, date - DAY)
                if change:
                    for share in change.to:
                        after[share.unit] += weight * share.weight
                elif self.life[unit][1] == date and above:
                    open_ends.append((above[0], weight))
                else:
                    after[unit] += weight
            held = after
        return held

    def back(self, unit: str, since: dt.date, day: dt.date) -> Counter[str] | None:
        """None where the changes do not say."""
        held: Counter[str] = Counter({unit: 1.0})
        dates = {change.date for change in self.flows} | {life[0] for life in self.life.values()}
        for date in sorted((date for date in dates if day < date <= since), reverse=True):
            open_ends, before = list(held.items()), Counter[str]()
            while open_ends:
                unit, weight = open_ends.pop()
                came = [c for c in self.flows if c.date == date and unit in [share.unit for share in c.to]]
                above = self.above(unit, date)
                if came:
                    sources = self.sources(unit, date, came)
                    if sources is None:
                        return None
                    for source, part in sources.items():
                        before[source] += weight * part
                elif self.life[unit][0] == date and above:
                    open_ends.append((above[0], weight))
                else:
                    before[unit] += weight
            held = before
        return held

    def sources(self, unit: str, date: dt.date, came: Sequence[Any]) -> dict[str, float] | None:
        sources = [source for change in came for source in change.of]
        if self.life[unit][0] < date and unit not in sources:
            sources.append(unit)
        if len(sources) == 1:
            return {sources[0]: 1.0}
        if len(came) == 1 and came[0].of_weights and set(sources) == set(came[0].of) and len(came[0].to) == 1:
            return dict(zip(came[0].of, came[0].of_weights, strict=True))
        return None


def spread(table: Any, value: str) -> set[tuple[Any, ...]]:
    """Rows of a month table as one tuple a month."""
    return {
        (row["unit"], row[value], row["level"], month)
        for row in table.to_pylist()
        for month in range(row["first_month"], row["last_month"] + 1)
    }


@given(declared())
@settings(max_examples=150, deadline=None)
def test_ancestry_is_what_walking_the_parents_every_month_finds(written: Any) -> None:
    rows, changes = written
    units, _ = build_units(rows, changes, LEVELS)
    twin, expected = Twin(rows, units), set()
    for unit in units.codes:
        for month in MONTHS:
            day = twin.day_of(unit, month)
            for ancestor in [unit, *twin.above(unit, day)] if day else ():
                expected.add((unit, ancestor, LEVELS[twin.level[ancestor]], month))
    table = units.ancestry(MONTHS[0], MONTHS[-1])
    assert spread(table, "ancestor") == expected
    months = sum(row["last_month"] - row["first_month"] + 1 for row in table.to_pylist())
    assert months == len(expected), "no unit is in an ancestor twice in a month"
    event(f"changes kept: {len(units.changes)}")


@given(declared())
@settings(max_examples=100, deadline=None)
def test_ancestry_rows_are_unbroken_stretches(written: Any) -> None:
    units, _ = build_units(*written, LEVELS)
    ends = {(row["unit"], row["ancestor"], row["last_month"]) for row in units.ancestry().to_pylist()}
    assert not [
        row
        for row in units.ancestry().to_pylist()
        if (row["unit"], row["ancestor"], row["first_month"] - 1) in ends
    ]


@given(declared(), days)
@settings(max_examples=100, deadline=None)
def test_a_day_is_as_the_twin_says(written: Any, day: dt.date) -> None:
    rows, changes = written
    units, _ = build_units(rows, changes, LEVELS)
    twin = Twin(rows, units)
    standing = [unit for unit in units.codes if twin.stands(unit, day)]
    above = {unit: twin.above(unit, day) for unit in standing}
    expected = {(unit, up, LEVELS[twin.level[up]]) for unit in standing for up in [unit, *above[unit]]}
    assert Counter(tuple(row.values()) for row in units.ancestry_on(day).to_pylist()) == Counter(expected)
    for unit in units.codes:
        nearest = (above.get(unit) or [None])[0]
        assert units.parent_on(unit, day) == nearest
        assert units.stands_on(unit, day) == (unit in standing)
        assert units.children_on(unit, day) == tuple(u for u in standing if above[u][:1] == [unit])
    for level in LEVELS:
        assert units.at_level(level, day) == tuple(u for u in standing if LEVELS[twin.level[u]] == level)


def carried_by(table: Any) -> dict[tuple[str, int], Counter[str]]:
    found: dict[tuple[str, int], Counter[str]] = {}
    for row in table.to_pylist():
        for month in range(row["first_month"], row["last_month"] + 1):
            parts = found.setdefault((row["unit"], month), Counter())
            assert row["successor"] not in parts, "one row a unit, successor and month"
            parts[row["successor"]] = row["weight"]
    return found


def restated_by_twin(twin: Twin, units: Units, day: dt.date) -> dict[tuple[str, int], Counter[str] | None]:
    found: dict[tuple[str, int], Counter[str] | None] = {}
    for unit in units.codes:
        for month in MONTHS:
            since = twin.day_of(unit, month)
            if since:
                towards = twin.forward if since <= day else twin.back
                found[unit, month] = towards(unit, since, day)
    return found


@given(declared(), days)
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
def test_restating_is_what_following_every_change_finds(written: Any, day: dt.date) -> None:
    rows, changes = written
    units, _ = build_units(rows, changes, LEVELS)
    twin = Twin(rows, units)
    expected = restated_by_twin(twin, units, day)
    event(f"changes kept: {len(units.changes)}")
    if None in expected.values():
        event("refused")
        with pytest.raises(AssessmentError, match="of_weights"):
            units.restated(day, first_month=MONTHS[0], last_month=MONTHS[-1])
        return
    found = carried_by(units.restated(day, first_month=MONTHS[0], last_month=MONTHS[-1]))
    assert found.keys() == expected.keys()
    for key, parts in expected.items():
        assert parts is not None
        assert found[key] == pytest.approx({unit: part for unit, part in parts.items() if part}), key


@given(declared(apportioned=True), days)
@settings(max_examples=200, deadline=None)
def test_restated_totals_are_never_lost_or_doubled(written: Any, day: dt.date) -> None:
    """Every unit reports 1 a month: restated, and rolled up as on the day, the tops still have all of it."""
    rows, changes = written
    units, _ = build_units(rows, changes, LEVELS)
    try:
        table = units.restated(day, first_month=MONTHS[0], last_month=MONTHS[-1])
    except AssessmentError:
        assume(False)
    tops = {unit: (twin_above[-1] if twin_above else unit) for unit, twin_above in tops_on(rows, units, day)}
    total: Counter[str] = Counter()
    for row in table.to_pylist():
        months = row["last_month"] - row["first_month"] + 1
        assert 0 < row["weight"] <= 1 + 1e-12
        total[tops.get(row["successor"], row["successor"])] += row["weight"] * months
    twin = Twin(rows, units)
    lived = sum(twin.day_of(unit, month) is not None for unit in units.codes for month in MONTHS)
    assert sum(total.values()) == pytest.approx(lived)
    kept = [unit for unit in total if not twin.stands(unit, day)]
    assert all(not twin.above(unit, edge(twin, unit, day)) for unit in kept), (
        "only tops keep figures when they end"
    )


def tops_on(rows: Any, units: Units, day: dt.date) -> list[tuple[str, list[str]]]:
    twin = Twin(rows, units)
    return [(unit, twin.above(unit, day)) for unit in units.codes if twin.stands(unit, day)]


def edge(twin: Twin, unit: str, day: dt.date) -> dt.date:
    opened, closed = twin.life[unit]
    return closed - DAY if closed <= day else opened


@given(declared(), st.randoms(use_true_random=False), days)
@settings(max_examples=100, deadline=None)
def test_order_of_writing_changes_nothing(written: Any, random: Any, day: dt.date) -> None:
    rows, changes = written
    shuffled, mixed = list(rows), list(changes)
    random.shuffle(shuffled)
    random.shuffle(mixed)
    one, problems = build_units(rows, changes, LEVELS)
    other, again = build_units(shuffled, mixed, LEVELS)
    assert Counter(problem.code for problem in problems) == Counter(problem.code for problem in again)
    for table in ("ancestry", "open_months"):
        assert contents(getattr(one, table)()) == contents(getattr(other, table)())
    assert contents(one.ancestry_on(day)) == contents(other.ancestry_on(day))
    try:
        expected = contents(one.restated(day))
    except AssessmentError:
        with pytest.raises(AssessmentError):
            other.restated(day)
    else:
        assert contents(other.restated(day)) == expected


def contents(table: Any) -> Counter[tuple[Any, ...]]:
    return Counter(
        tuple(round(value, 9) if isinstance(value, float) else value for value in row.values())
        for row in table.to_pylist()
    )


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_rings_are_found_and_never_hang(data: st.DataObject) -> None:
    n = data.draw(st.integers(1, 9))
    codes = [f"U{k}" for k in range(n)]
    rows = [
        {
            "unit": code,
            "level": data.draw(st.sampled_from(LEVELS)),
            "parent": data.draw(st.none() | st.sampled_from(codes)),
        }
        for code in codes
    ]
    parent = {row["unit"]: row["parent"] for row in rows}
    rings = set()
    for code in codes:
        walk = [code]
        while (above := parent[walk[-1]]) is not None and above not in walk:
            walk.append(above)
        if above is not None:
            rings.add(frozenset(walk[walk.index(above) :]))
    units, problems = build_units(rows, [], LEVELS)
    assert sum(problem.code == "units.cycle" for problem in problems) == len(rings)
    assert units.ancestry().num_rows >= n
    assert units.restated(START).num_rows == n


anything = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 3000), st.floats(), st.text(max_size=4), st.dates(), st.datetimes(),
    st.sampled_from(["U1", "U2", "village", "2024-02-30", "2024-03-01", "2024/3/1"]),
)  # fmt: skip
ROW_KEYS = ("unit", "level", "parent", "opened", "closed", "name", "size")
CHANGE_KEYS = ("date", "kind", "of", "to", "parent", "of_weights", "reason")


@given(
    st.lists(st.dictionaries(st.sampled_from(ROW_KEYS), anything), max_size=6),
    st.lists(
        st.dictionaries(
            st.sampled_from(CHANGE_KEYS),
            anything
            | st.sampled_from(["split", "merge", "move"])
            | st.lists(anything, max_size=3)
            | st.lists(st.dictionaries(st.sampled_from(["unit", "weight"]), anything), max_size=3),
        ),
        max_size=3,
    ),
)
@example([{"unit": "U1", "level": "village", "parent": "U1"}], [{"date": START, "kind": "move", "of": "U1"}])
@settings(max_examples=200, deadline=None)
def test_rubbish_becomes_findings(rows: list[dict[str, Any]], changes: list[dict[str, Any]]) -> None:
    units, problems = build_units(rows, changes, LEVELS)
    assert len(set(units.codes)) == len(units.codes) <= len(rows)
    if len(units.codes) < len(rows) or len(units.changes) < len(changes):
        assert any(problem.severity is Severity.ERROR for problem in problems)
    for problem in problems:
        assert all(problem.message(language) for language in ("en", "zh"))
        assert isinstance(problem.hint("zh"), str)
