"""Which pages there are and where each figure is explained: decided once, the same in every language."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tallymark.publish.facts import Facts
from tallymark.publish.records import only
from tallymark.publish.slugs import anchor, file_names

MOST_FULL = 250
"""Units with a full page (trends, contributions, every period); above that the contract's level gets light pages."""
MOST_LIGHT = 3_000
"""Units with a light page; units beyond stand in tables on the page of the unit above them."""
MOST_LISTED = 10_000
"""Units in such tables; beyond that figures are in the data files alone, and the page says so."""
BUDGET = 120_000
"""Bytes of content that a page is filled with before the next one is begun."""

SERIES_ROW, CHILD_ROW, ARTICLE, LISTED_ROW, LINE = 155, 190, 5_200, 330, 1_500
"""What one row of each kind takes at most, in bytes: pages are cut by these, so that languages are cut alike."""
MOST_CHILDREN = 80
"""Children shown in one figure's contributions."""
MOST_SPLITS = 30
"""Groups shown of one figure."""


@dataclass(frozen=True, slots=True)
class Plan:
    """`full` and `light` units have a page of their own; those of `hosted` stand on pages of the key.

    The page mappings say on which numbered page of a unit a thing stands, counted from 1.
    """

    full: tuple[str, ...]
    light: tuple[str, ...]
    hosted: Mapping[str, tuple[str, ...]]
    host: Mapping[str, str]
    unit_file: Mapping[str, str]
    indicator_file: Mapping[str, str]
    figure_page: Mapping[str, Mapping[str, int]]
    line_page: Mapping[tuple[str, str], int]
    light_page: Mapping[str, int]
    listed_page: Mapping[str, int]

    def page(self, unit: str) -> str | None:
        """Where a unit stands, from a language's folder."""
        if unit in self.unit_file:
            return f"units/{self.unit_file[unit]}.html"
        if unit in self.host:
            return (
                f"below/{self.unit_file[self.host[unit]]}.{self.listed_page[unit]}.html#{anchor('u', unit)}"
            )
        return None

    def figure(self, unit: str, indicator: str) -> str | None:
        """Where a unit's figure for the run's period is explained."""
        if unit in self.figure_page and indicator in self.figure_page[unit]:
            page = self.figure_page[unit][indicator]
            return f"figures/{self.unit_file[unit]}.{page}.html#{anchor('i', indicator)}"
        if unit in self.unit_file:
            return f"{self.unit_page(unit, self.light_page.get(indicator, 1))}#{anchor('i', indicator)}"
        return self.page(unit)

    def line(self, unit: str, contract: str, code: str) -> str | None:
        """Where a unit's points on a line are explained."""
        if unit not in self.unit_file:
            return None
        number = self.line_page.get((contract, code), 1)
        return f"{self.unit_page(unit, number)}#{line_anchor(contract, code)}"

    def unit_page(self, unit: str, number: int) -> str:
        """The unit's page, or one of the further pages that its lines need."""
        return f"units/{self.unit_file[unit]}{'' if number == 1 else f'.{number}'}.html"

    def indicator(self, indicator: str) -> str:
        """The page about an indicator."""
        return f"indicators/{self.indicator_file[indicator]}.html"


def line_anchor(contract: str, code: str) -> str:
    """The id of a line's explanation on a unit's page."""
    return anchor("l", contract, code)


def make_plan(facts: Facts) -> Plan:
    """The pages for a run's units: those of the contract's level and above in full, deeper ones lighter."""
    full, light, rest = _sorted_out(facts)
    hosted = _hosted(facts, frozenset(full) | frozenset(light), rest[:MOST_LISTED])
    rows, indicators = _series_rows(facts, full), facts.programme.indicators
    return Plan(
        full=full,
        light=light,
        hosted=hosted,
        host={unit: host for host, units in hosted.items() for unit in units},
        unit_file=file_names([*full, *light]),
        indicator_file=file_names(facts.programme.indicators),
        figure_page={unit: _figure_pages(facts, unit, rows.get(unit, {})) for unit in full},
        line_page=dict(
            zip(
                [line.key for line in facts.lines],
                packed([LINE] * len(facts.lines), BUDGET * 0.6),
                strict=True,
            )
        ),
        light_page=dict(zip(indicators, packed([LISTED_ROW] * len(indicators), BUDGET / 2), strict=True)),
        listed_page=_listed_pages(facts, hosted),
    )


def _sorted_out(facts: Facts) -> tuple[tuple[str, ...], tuple[str, ...], list[str]]:
    places = facts.places
    contract_depth = facts.contract.level.depth if facts.contract else _second_depth(facts)
    upper, same, deeper = list[str](), list[str](), list[str]()
    for code, place in places.by_code.items():
        depth = places.depth.get(place.level, 99)
        (upper if depth < contract_depth else same if depth == contract_depth else deeper).append(code)
    full = upper + same if len(upper) + len(same) <= MOST_FULL else upper[:MOST_FULL]
    kept, scored = frozenset(full), frozenset((*upper, *same))
    others = [code for code in (*upper, *same, *deeper) if code not in kept]
    room = MOST_LIGHT if len(others) <= MOST_LIGHT else len([code for code in others if code in scored])
    light = others[: min(room, MOST_LIGHT)]
    return tuple(full), tuple(light), others[len(light) :]


def _second_depth(facts: Facts) -> int:
    depths = sorted({facts.places.depth.get(place.level, 99) for place in facts.places.by_code.values()})
    return depths[min(1, len(depths) - 1)] if depths else 1


def _series_rows(facts: Facts, units: Sequence[str]) -> dict[str, dict[str, int]]:
    """Unit → indicator → how many rows its tables of periods and of groups have."""
    table = only(facts.tables["indicators"], unit=units)
    totals = table.filter(pc.equal(pc.fill_null(table.column("breakdown"), ""), ""))
    rows: dict[str, dict[str, int]] = {}
    for part, most in ((totals, math.inf), (split_rows(facts, units), MOST_SPLITS)):
        counts = part.group_by(["unit", "indicator"]).aggregate([([], "count_all")])
        for row in counts.to_pylist():
            of_unit = rows.setdefault(row["unit"], {})
            of_unit[row["indicator"]] = of_unit.get(row["indicator"], 0) + int(min(row["count_all"], most))
    return rows


def split_rows(facts: Facts, units: Sequence[str]) -> pa.Table:
    """Figures by group of the units with a full page, in the run's own period."""
    table = only(facts.tables["indicators"], unit=units, period=facts.period.code)
    table = table.filter(pc.not_equal(pc.fill_null(table.column("breakdown"), ""), ""))
    return table.sort_by([(key, "ascending") for key in ("unit", "indicator", "breakdown", "category")])


def _figure_pages(facts: Facts, unit: str, rows: Mapping[str, int]) -> dict[str, int]:
    children = min(len(facts.places.children.get(unit, ())), MOST_CHILDREN)
    weights = [
        ARTICLE + children * CHILD_ROW + rows.get(name, 0) * SERIES_ROW for name in facts.programme.indicators
    ]
    return dict(zip(facts.programme.indicators, packed(weights, BUDGET), strict=True))


def _hosted(facts: Facts, paged: Set[str], units: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Units without a page by the nearest unit above that has one."""
    hosted: dict[str, list[str]] = {}
    for unit in units:
        above = [code for code in facts.places.path(unit) if code in paged]
        if above:
            hosted.setdefault(above[-1], []).append(unit)
    return {host: tuple(below) for host, below in hosted.items()}


def _listed_pages(facts: Facts, hosted: Mapping[str, Sequence[str]]) -> dict[str, int]:
    weight = 400 + LISTED_ROW * max(len(facts.programme.indicators), 1)
    return {
        unit: page
        for units in hosted.values()
        for unit, page in zip(units, packed([weight] * len(units), BUDGET), strict=True)
    }


def packed(weights: Sequence[float], budget: float) -> list[int]:
    """The page, counted from 1, on which each thing stands when pages are filled in order up to the budget."""
    page, used = 1, 0.0
    pages = []
    for weight in weights:
        if used and used + weight > budget:
            page, used = page + 1, 0.0
        used += weight
        pages.append(page)
    return pages


def series(facts: Facts, units: Sequence[str]) -> pa.Table:
    """Every period's totals of the units with a full page, sorted by unit, indicator and time."""
    table = only(facts.tables["indicators"], unit=units)
    table = table.filter(pc.equal(pc.fill_null(table.column("breakdown"), ""), ""))
    starts = {
        code: facts.programme.calendar.parse(code).start.toordinal()
        for code in pc.unique(table.column("period")).to_pylist()
    }
    codes = table.column("period").combine_chunks().dictionary_encode()
    days = np.array([starts[code] for code in codes.dictionary.to_pylist()], np.int64)
    return table.append_column("_start", pa.array(days[codes.indices.to_numpy()])).sort_by(
        [
            ("unit", "ascending"),
            ("indicator", "ascending"),
            ("frequency", "ascending"),
            ("_start", "ascending"),
        ]
    )
