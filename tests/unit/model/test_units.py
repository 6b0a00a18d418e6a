"""Units by hand: every rule of the dated tree once, and every finding with its place."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from tallymark.errors import AssessmentError
from tallymark.findings import Finding, Severity
from tallymark.model.text import Text
from tallymark.model.units import FIRST_MONTH, LAST_MONTH, Units, build_units

LEVELS = ("county", "town", "village")
JAN, FEB, MAR, APR, MAY = range(2024 * 12, 2024 * 12 + 5)


def day(month: int, of: int = 1) -> dt.date:
    return dt.date(2024, month, of)


def row(unit: str, level: str, parent: str | None = None, **more: Any) -> dict[str, Any]:
    return {"unit": unit, "level": level, "parent": parent} | more


BASE = [
    row("C", "county"),
    row("T1", "town", "C"),
    row("T2", "town", "C"),
    row("V1", "village", "T1"),
    row("V2", "village", "T2"),
]


def built(rows: list[dict[str, Any]], *changes: dict[str, Any]) -> Units:
    units, problems = build_units(rows, changes, LEVELS)
    assert [str(problem) for problem in problems if problem.severity is not Severity.NOTE] == []
    return units


def found(rows: list[dict[str, Any]], *changes: object) -> list[Finding]:
    return build_units(rows, changes, LEVELS)[1]


def only(rows: list[dict[str, Any]], *changes: object) -> Finding:
    (problem,) = found(rows, *changes)
    return problem


def split(date: dt.date, of: str, **to: float) -> dict[str, Any]:
    return {
        "date": date, "kind": "split", "of": [of], "to": [{"unit": u, "weight": w} for u, w in to.items()]
    }  # fmt: skip


def merge(date: dt.date, to: str, *of: str, **more: Any) -> dict[str, Any]:
    return {"date": date, "kind": "merge", "of": list(of), "to": [{"unit": to}]} | more


def move(date: dt.date, parent: str, *of: str) -> dict[str, Any]:
    return {"date": date, "kind": "move", "of": list(of), "parent": parent}


def ancestors(units: Units, unit: str) -> list[tuple[str, int, int]]:
    table = units.ancestry(JAN, MAY).to_pylist()
    return sorted(
        (row["ancestor"], row["first_month"], row["last_month"])
        for row in table
        if row["unit"] == unit and row["ancestor"] != unit
    )


def goes(units: Units, unit: str, to: dt.date, **months: int) -> list[tuple[str, int, int, float]]:
    return [
        (row["successor"], row["first_month"], row["last_month"], pytest.approx(row["weight"]))
        for row in units.restated(to, **months).to_pylist()
        if row["unit"] == unit
    ]


class TestTree:
    def test_columns(self) -> None:
        units = built(
            [
                row("C", "county", name="大冶县", size="large"),
                row("T", "town", "C", name="East", opened="2024-01-15", attributes={"remote": True}),
                row(
                    "W",
                    "town",
                    "C",
                    name_en="West",
                    name_zh="西镇",
                    opened=dt.datetime(2024, 2, 1),
                    closed="",
                ),
                row(12.0, "town", "C"),  # type: ignore[arg-type]
            ]
        )
        assert units.codes == ("C", "T", "W", "12")
        assert units.index["W"] == 2
        assert units.names == (Text("", "大冶县"), Text("East"), Text("West", "西镇"), Text("12"))
        assert units.levels == ("county", "town", "town", "town")
        assert units.level_order == LEVELS
        assert units.opened == (None, day(1, 15), day(2), None)
        assert units.closed == (None, None, None, None)
        assert units.attributes == {"size": ("large", None, None, None), "remote": (None, "True", None, None)}
        assert len(units) == 4

    def test_ancestry_of_a_still_tree(self) -> None:
        table = built(BASE).ancestry()
        assert table.column_names == ["unit", "ancestor", "level", "first_month", "last_month"]
        assert [str(kind) for kind in table.schema.types] == ["string", "string", "string", "int32", "int32"]
        assert [row for row in table.to_pylist() if row["unit"] == "V1"] == [
            {
                "unit": "V1",
                "ancestor": up,
                "level": level,
                "first_month": FIRST_MONTH,
                "last_month": LAST_MONTH,
            }
            for up, level in [("C", "county"), ("T1", "town"), ("V1", "village")]
        ]

    def test_levels_may_be_skipped(self) -> None:
        assert ancestors(built([*BASE, row("V3", "village", "C")]), "V3") == [("C", JAN, MAY)]

    def test_no_units_at_all(self) -> None:
        units = built([])
        assert (
            units.ancestry().num_rows == units.restated(day(1)).num_rows == units.open_months().num_rows == 0
        )

    @pytest.mark.parametrize(("on", "last_in_old"), [(day(3), FEB), (day(3, 2), FEB), (day(3, 31), FEB)])
    def test_the_month_of_a_move_belongs_to_the_new_parent(self, on: dt.date, last_in_old: int) -> None:
        units = built(BASE, move(on, "T2", "V1"))
        expected = [("C", JAN, MAY), ("T1", JAN, last_in_old), ("T2", last_in_old + 1, MAY)]
        assert ancestors(units, "V1") == expected
        assert units.parent_on("V1", on - dt.timedelta(days=1)) == "T1"
        assert units.parent_on("V1", on) == "T2"
        assert units.children_on("T2", on) == ("V1", "V2")

    def test_a_unit_that_comes_back_has_two_stretches(self) -> None:
        units = built(BASE, move(day(3, 5), "T2", "V1"), move(day(4, 5), "T1", "V1"))
        expected = [("C", JAN, MAY), ("T1", JAN, FEB), ("T1", APR, MAY), ("T2", MAR, MAR)]
        assert ancestors(units, "V1") == expected
        back_at_once = built(BASE, move(day(3, 5), "T2", "V1"), move(day(3, 25), "T1", "V1"))
        assert ancestors(back_at_once, "V1") == [("C", JAN, MAY), ("T1", JAN, MAY)]

    def test_in_the_month_it_ceases_a_unit_belongs_to_the_parent_of_its_last_day(self) -> None:
        closed = [*BASE[:3], row("V1", "village", "T1", closed=day(3, 10)), *BASE[4:]]
        assert ancestors(built(closed, move(day(3, 9), "T2", "V1")), "V1") == [
            ("C", JAN, MAR), ("T1", JAN, FEB), ("T2", MAR, MAR),
        ]  # fmt: skip
        _, problems = build_units(closed, [move(day(3, 10), "T2", "V1")], LEVELS)
        assert [problem.code for problem in problems] == ["units.change_outside_life"]

    def test_an_ancestor_counts_only_while_it_stands(self) -> None:
        rows = [
            row("C", "county"),
            row("T", "town", "C", opened=day(2, 10), closed=day(4)),
            row("V", "village", "T"),
        ]
        units, problems = build_units(rows, [], LEVELS)
        assert ancestors(units, "V") == [("C", JAN, MAY), ("T", FEB, MAR)]
        assert [units.parent_on("V", day(month)) for month in (2, 3, 4)] == ["C", "T", "C"]
        assert units.children_on("C", day(4)) == ("V",)
        assert {problem.code: problem.severity for problem in problems} == {
            "units.before_parent": Severity.WARNING, "units.left_behind": Severity.WARNING,
        }  # fmt: skip

    def test_at_level(self) -> None:
        units = built([*BASE, row("V3", "village", "T1", opened=day(3), closed=day(4))])
        assert units.at_level("village", day(2, 28)) == ("V1", "V2")
        assert units.at_level("village", day(3)) == ("V1", "V2", "V3")
        assert units.at_level("village", day(3, 31)) == ("V1", "V2", "V3")
        assert units.at_level("village", day(4)) == ("V1", "V2")
        assert not units.stands_on("V3", day(4))
        assert units.parent_on("V3", day(4)) is None
        assert units.children_on("V3", day(4)) == ()


@pytest.mark.parametrize(
    ("opened", "closed", "owed"),
    [
        (None, None, (JAN, MAY)),
        (day(2, 1), None, (FEB, MAY)),
        (day(2, 2), None, (MAR, MAY)),
        (day(2, 29), None, (MAR, MAY)),
        (None, day(4, 1), (JAN, MAR)),
        (None, day(4, 2), (JAN, MAR)),
        (None, day(4, 29), (JAN, MAR)),
        (None, day(4, 30), (JAN, APR)),
        (day(2, 2), day(3, 15), None),
        (day(2, 2), day(4, 1), (MAR, MAR)),
        (dt.date(2023, 1, 5), dt.date(2023, 6, 1), None),
    ],
)
def test_months_owed(opened: dt.date | None, closed: dt.date | None, owed: tuple[int, int] | None) -> None:
    units = built([row("C", "county", opened=opened, closed=closed)])
    months = [(row["first_month"], row["last_month"]) for row in units.open_months(JAN, MAY).to_pylist()]
    assert months == ([owed] if owed else [])


class TestChanges:
    def test_a_split_ends_the_old_unit_and_begins_the_new(self) -> None:
        units = built(
            [*BASE, row("A", "village", "T1"), row("B", "village", "T2")],
            split(day(3, 15), "V1", A=0.6, B=0.4),
        )
        at = units.index
        assert units.closed[at["V1"]] == units.opened[at["A"]] == units.opened[at["B"]] == day(3, 15)
        assert goes(units, "V1", day(5)) == [("A", FIRST_MONTH, MAR, 0.6), ("B", FIRST_MONTH, MAR, 0.4)]
        assert goes(units, "V1", day(3, 14)) == [("V1", FIRST_MONTH, MAR, 1)]
        assert goes(units, "A", day(5)) == [("A", MAR, LAST_MONTH, 1)]
        assert goes(units, "A", day(3, 14)) == [("V1", MAR, LAST_MONTH, 1)]
        assert goes(units, "B", day(1)) == [("V1", MAR, LAST_MONTH, 1)]

    def test_a_unit_that_gives_part_away_goes_on(self) -> None:
        units = built([*BASE, row("A", "village", "T1")], split(day(3, 15), "V1", V1=0.7, A=0.3))
        assert units.closed[units.index["V1"]] is None
        assert goes(units, "V1", day(5)) == [
            ("V1", FIRST_MONTH, FEB, 0.7), ("A", FIRST_MONTH, FEB, 0.3), ("V1", MAR, LAST_MONTH, 1),
        ]  # fmt: skip
        assert goes(units, "V1", day(1)) == [("V1", FIRST_MONTH, LAST_MONTH, 1)]
        assert goes(units, "A", day(1)) == [("V1", MAR, LAST_MONTH, 1)]

    def test_a_merge_is_undone_by_its_weights(self) -> None:
        rows = [*BASE, row("N", "village", "T2")]
        units = built(rows, merge(day(3), "N", "V1", "V2", of_weights=[0.25, 0.75]))
        assert goes(units, "V1", day(5)) == [("N", FIRST_MONTH, FEB, 1)]
        assert goes(units, "V2", day(5)) == [("N", FIRST_MONTH, FEB, 1)]
        assert goes(units, "N", day(2)) == [("V1", MAR, LAST_MONTH, 0.25), ("V2", MAR, LAST_MONTH, 0.75)]

    def test_a_merge_without_weights_is_not_undone(self) -> None:
        units = built([*BASE, row("N", "village", "T2")], merge(day(3), "N", "V1", "V2"))
        with pytest.raises(
            AssessmentError, match=r"“N” since 2024-03-01 .* units of 2024-02-01.*`of_weights`"
        ):
            units.restated(day(2))
        assert goes(units, "V1", day(2), last_month=FEB) == [("V1", FIRST_MONTH, FEB, 1)]
        assert goes(units, "N", day(3)) == [("N", MAR, LAST_MONTH, 1)]

    def test_a_unit_that_takes_another_in_is_not_undone(self) -> None:
        units = built([*BASE[:4], row("V2", "village", "T2", opened="1990-01-01")], merge(day(3), "V2", "V1"))
        assert goes(units, "V1", day(5)) == [("V2", FIRST_MONTH, FEB, 1)]
        assert goes(units, "V2", day(5)) == [("V2", 1990 * 12, LAST_MONTH, 1)]
        with pytest.raises(AssessmentError):
            units.restated(day(2))

    def test_taking_in_with_weights_is_undone(self) -> None:
        units = built(BASE, merge(day(3), "V2", "V1", "V2", of_weights=[0.2, 0.8]))
        assert goes(units, "V2", day(2)) == [
            ("V2", FIRST_MONTH, FEB, 1), ("V1", MAR, LAST_MONTH, 0.2), ("V2", MAR, LAST_MONTH, 0.8),
        ]  # fmt: skip

    def test_two_merges_of_a_date_into_one_unit_are_not_undone(self) -> None:
        rows = [*BASE, row("V3", "village", "T1"), row("V4", "village", "T1"), row("N", "village", "T2")]
        even = {"of_weights": [0.5, 0.5]}
        units = built(rows, merge(day(3), "N", "V1", "V2", **even), merge(day(3), "N", "V3", "V4", **even))
        with pytest.raises(AssessmentError):
            units.restated(day(2))

    def test_chains_multiply(self) -> None:
        rows = [*BASE, *(row(code, "village", "T1") for code in ("A", "B", "D", "E"))]
        units = built(
            rows,
            split(day(2), "V1", A=0.5, B=0.5),
            split(day(3), "B", D=0.4, E=0.6),
            merge(day(4), "A", "A", "D"),
        )
        assert goes(units, "V1", day(5)) == [("A", FIRST_MONTH, JAN, 0.7), ("E", FIRST_MONTH, JAN, 0.3)]
        assert goes(units, "V1", day(3), last_month=MAR) == [
            ("A", FIRST_MONTH, JAN, 0.5), ("D", FIRST_MONTH, JAN, 0.2), ("E", FIRST_MONTH, JAN, 0.3),
        ]  # fmt: skip
        assert goes(units, "E", day(1), last_month=MAR) == [("V1", MAR, MAR, 1)]

    def test_rounding_leaves_no_trace(self) -> None:
        rows = [*BASE, row("A", "village", "T1"), row("B", "village", "T1")]
        units = built(
            rows, split(day(3), "V1", V1=1 / 6, A=4 / 6, B=1 / 6), merge(day(4), "V1", "V1", "A", "B")
        )
        (whole,) = [row for row in units.restated(day(5)).to_pylist() if row["unit"] == "V1"]
        assert whole["weight"] == 1, "exactly"

    def test_changes_of_one_date_happen_at_once(self) -> None:
        units = built(BASE, split(day(3), "V1", V1=0.9, V2=0.1), split(day(3), "V2", V2=0.8, V1=0.2))
        assert goes(units, "V1", day(5), last_month=FEB) == [
            ("V1", FIRST_MONTH, FEB, 0.9), ("V2", FIRST_MONTH, FEB, 0.1),
        ]  # fmt: skip

    def test_figures_of_a_unit_that_closes_stay_in_the_totals_above(self) -> None:
        rows = [*BASE, row("V3", "village", "T1", closed=day(3))]
        assert goes(built(rows), "V3", day(5)) == [("T1", FIRST_MONTH, FEB, 1)]
        changed = built(
            [*rows, row("T3", "town", "C"), row("T4", "town", "C")],
            split(day(4), "T1", T3=0.5, T4=0.5),
            move(day(4), "T3", "V1"),
        )
        assert goes(changed, "V3", day(5)) == [("T3", FIRST_MONTH, FEB, 0.5), ("T4", FIRST_MONTH, FEB, 0.5)]

    def test_figures_of_a_unit_that_opens_go_back_to_the_unit_it_came_under(self) -> None:
        units = built([*BASE, row("V3", "village", "T1", opened=day(3))])
        assert goes(units, "V3", day(2)) == [("T1", MAR, LAST_MONTH, 1)]

    def test_a_top_unit_keeps_its_figures(self) -> None:
        units = built([*BASE, row("C2", "county", closed=day(3))])
        assert goes(units, "C2", day(5)) == [("C2", FIRST_MONTH, FEB, 1)]

    def test_units_follow_a_single_successor(self) -> None:
        units = built([*BASE, row("T", "town", "C")], merge(day(3), "T", "T1", "T2"))
        assert ancestors(units, "V1") == [("C", JAN, MAY), ("T", MAR, MAY), ("T1", JAN, FEB)]
        assert ancestors(units, "V2") == [("C", JAN, MAY), ("T", MAR, MAY), ("T2", JAN, FEB)]

    def test_a_move_of_the_same_date_comes_after_following(self) -> None:
        units = built(
            [*BASE, row("T3", "town", "C"), row("T", "town", "C")],
            merge(day(3), "T", "T1", "T2"), move(day(3), "T3", "V1"),
        )  # fmt: skip
        assert units.parent_on("V1", day(3)) == "T3"
        assert units.parent_on("V2", day(3)) == "T"

    def test_rows_may_name_the_parent_of_today_after_a_split(self) -> None:
        """Before T1 began as a part of T2, its villages stood under T2."""
        units = built(
            [row("C", "county"), row("T1", "town", "C"), row("T2", "town", "C"), row("V1", "village", "T1")],
            split(day(3), "T2", T2=0.5, T1=0.5),
        )
        assert ancestors(units, "V1") == [("C", JAN, MAY), ("T1", MAR, MAY), ("T2", JAN, FEB)]

    def test_a_move_may_say_the_same_as_the_row(self) -> None:
        rows = [
            row("C", "county"),
            row("T1", "town", "C"),
            row("T2", "town", "C"),
            row("V1", "village", "T1"),
        ]
        units = built(rows, split(day(3), "T2", T2=0.5, T1=0.5), move(day(3), "T1", "V1"))
        assert ancestors(units, "V1") == [("C", JAN, MAY), ("T1", MAR, MAY), ("T2", JAN, FEB)]

    def test_the_last_day_may_be_written_as_closing(self) -> None:
        rows = [*BASE[:3], row("V1", "village", "T1", closed=day(2, 29)), row("A", "village", "T1")]
        assert built(rows, split(day(3), "V1", A=1)).closed[3] == day(3)

    def test_changes_may_be_objects(self) -> None:
        class Written:
            date, kind, of, to, parent, reason = day(3), "move", ["V1"], [], "T2", "easier to reach"

        units = build_units(BASE, [Written()], LEVELS)[0]
        assert units.parent_on("V1", day(3)) == "T2"
        assert units.changes[0].reason == Text("easier to reach")


class TestFindings:
    def test_a_finding_says_where(self) -> None:
        problem = only(
            [
                *BASE,
                row("V3", "village", "East-Tow", _file="units.csv", _line=7),
                row("East-Town", "town", "C"),
            ]
        )
        assert (problem.where.file, problem.where.line, problem.where.unit) == ("units.csv", 7, "V3")
        assert problem.code == "units.unknown_parent"
        assert "“East-Tow”" in problem.message()
        assert problem.hint() == "did you mean East-Town?"
        assert "East-Town" in problem.hint("zh")
        assert problem.message("zh") != problem.message()

    @pytest.mark.parametrize(
        ("extra", "code"),
        [
            (row("T1", "town", "C"), "units.duplicate"),
            (row("", "town", "C"), "units.no_code"),
            (row("X", "hamlet", "T1"), "units.unknown_level"),
            (row("X", "town", "T1"), "units.level_order"),
            (row("X", "county", "T1"), "units.level_order"),
            (row("X", "village"), "units.no_parent"),
            (row("X", "village", "X"), "units.cycle"),
            (row("X", "village", "T1", opened="2024-02-30"), "units.not_a_date"),
            (row("X", "village", "T1", closed="soon"), "units.not_a_date"),
            (row("X", "village", "T1", opened=day(3), closed=day(3)), "units.closed_before_opened"),
        ],
    )
    def test_rows(self, extra: dict[str, Any], code: str) -> None:
        problem = only([*BASE, extra])
        assert problem.code == code
        assert (problem.severity is Severity.ERROR) == (code != "units.no_parent")

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            (move(day(3), "T2", "V9"), "units.change_unknown_unit"),
            (move(day(3), "T9", "V1"), "units.change_unknown_unit"),
            (split(day(3), "V1", X=1), "units.change_unknown_unit"),
            (split(day(3), "V1", V1=0.5, V2=0.4), "units.shares_not_one"),
            (split(day(3), "V1", V1=1, V2=1), "units.shares_not_one"),
            (split(day(3), "V1", V1=1.5, V2=-0.5), "units.shares_not_one"),
            (split(day(3), "V1", V1=float("nan"), V2=0.5), "units.shares_not_one"),
            (merge(day(3), "V2", "V1", "V2", of_weights=[1]), "units.shares_not_one"),
            (merge(day(3), "V2", "V1", "V2", of_weights=[1, 1]), "units.shares_not_one"),
            (merge(day(3), "V2", "V1", "V2", of_weights=["half", 1]), "units.not_a_number"),
            (split("2024-13-01", "V1", V2=1), "units.not_a_date"),  # type: ignore[arg-type]
            (split(None, "V1", V2=1), "units.not_a_date"),  # type: ignore[arg-type]
            (split(day(3), "V1"), "units.change_shape"),
            (split(day(3), "V1", V1=1), "units.change_shape"),
            (merge(day(3), "V2", "V1", "V1"), "units.change_shape"),
            ({"date": day(3), "kind": "move", "of": ["V1"]}, "units.change_shape"),
            ({"date": day(3), "kind": "rename", "of": ["V1"], "to": ["V2"]}, "units.change_shape"),
            (move(day(3), "V2", "V1"), "units.level_order"),
            (move(day(3), "T1", "V1"), "units.move_changes_nothing"),
            (move(dt.date(1980, 1, 1), "T2", "OLD"), "units.change_outside_life"),
            (split(dt.date(1990, 1, 1), "OLD", V1=0.5, V2=0.5), "units.change_outside_life"),
            (split(day(3), "GONE", V1=0.5, V2=0.5), "units.change_outside_life"),
            (split(day(3), "V1", GONE=0.5, V2=0.5), "units.change_outside_life"),
            (move(day(3), "T2", "GONE"), "units.change_outside_life"),
        ],
    )
    def test_changes(self, change: dict[str, Any], code: str) -> None:
        rows = [
            *({**row, "opened": None if row["parent"] is None else dt.date(1950, 1, 1)} for row in BASE),
            row("OLD", "village", "T1", opened=dt.date(1990, 1, 1)),
            row("GONE", "village", "T1", opened=dt.date(1990, 1, 1), closed=dt.date(2020, 1, 1)),
        ]
        problem = only(rows, change | {"_file": "units.yaml", "_line": 9})
        assert problem.code == code
        assert (problem.where.file, problem.where.line) == ("units.yaml", 9)

    def test_shares_are_offered(self) -> None:
        assert "0.5" in only(BASE, split(day(3), "V1", V1=1, V2=1)).hint()

    def test_one_unit_cannot_change_in_two_ways_on_a_date(self) -> None:
        problems = found(BASE, split(day(3), "V1", V1=0.5, V2=0.5), split(day(3), "V1", V1=0.6, V2=0.4))
        assert [problem.code for problem in problems] == ["units.change_conflict"]

    def test_a_code_is_not_used_again(self) -> None:
        changes = split(day(2), "V1", A=1), split(day(4), "A", V1=1)
        (problem,) = found([*BASE, row("A", "village", "T1")], *changes)
        assert problem.code == "units.change_outside_life"
        assert problem.where.unit == "V1"

    def test_a_unit_that_ceases_takes_nothing_in(self) -> None:
        changes = split(day(3), "V1", V2=1), split(day(3), "V2", A=1)
        problems = found([*BASE, row("A", "village", "T1")], *changes)
        assert [(problem.code, problem.where.unit) for problem in problems] == [
            ("units.change_outside_life", "V2")
        ]

    def test_a_unit_that_closed_before_takes_nothing_in(self) -> None:
        """Found by the property test: the successor must not be given an opening after its own closing."""
        rows = [*BASE, row("A", "village", "T1", closed=day(2))]
        units, problems = build_units(rows, [split(day(3), "V1", A=1)], LEVELS)
        assert [problem.code for problem in problems] == ["units.change_outside_life"]
        assert units.opened[units.index["A"]] is None

    def test_a_split_that_forgets_its_villages_is_an_error(self) -> None:
        rows = [*BASE, row("T3", "town", "C"), row("T4", "town", "C")]
        problem = only(rows, split(day(3), "T1", T3=0.5, T4=0.5))
        assert (problem.code, problem.severity) == ("units.left_behind", Severity.ERROR)
        assert "V1" in problem.message()

    def test_a_merged_unit_without_opening_date_is_noted(self) -> None:
        problem = only([*BASE, row("N", "village", "T2")], merge(day(3), "N", "V1", "V2"))
        assert (problem.code, problem.severity) == ("units.opened_by_merge", Severity.NOTE)

    def test_a_ring_is_named_once(self) -> None:
        ring = [row("A", "town", "B"), row("B", "town", "D"), row("D", "town", "A"), row("E", "village", "A")]
        problem = only([*BASE, *ring])
        assert problem.code == "units.cycle"
        assert "A → B → D → A" in problem.message()

    def test_a_column_of_unknown_parents_is_quick(self) -> None:
        rows = [row("C", "county"), *(row(f"V{n}", "village", f"P{n}") for n in range(3000))]
        assert len(found(rows)) == 3000
