"""Pictures of a projected place: fans, the pyramid of two dates, a Lexis surface; and a map of change."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from tallymark.publish.charts.fan import fan, small_fan
from tallymark.publish.charts.growth import Area, growth_map
from tallymark.publish.charts.lexis import lexis
from tallymark.publish.charts.pyramid import Band, Sides, pyramid
from tallymark.publish.numbers import decimal, signed
from tallymark.publish.planning_record import Place, Planning, Series
from tallymark.publish.words import Words


def pictures(planning: Planning, place: Place, language: str) -> dict[str, Any]:
    """`total`, `small` (title and picture of each group), `pyramid` and `surface`, as SVG."""
    words, years = Words(language), [str(year) for year in planning.years]
    return {
        "total": fan(
            place.sums["total"],
            _bands(place, "total"),
            labels=years,
            others={planning.scenarios[one][language]: values for one, values in place.others.items()},
            name="total",
            title=words("People, {first}–{last}", first=years[0], last=years[-1]),
            description=_in_words(words, place, "total"),
        ),
        "small": [_small(planning, place, group, language) for group in planning.groups if group != "total"],
        "pyramid": _pyramid(place, years, words),
        "surface": lexis(
            [[one + other for one, other in zip(*year, strict=True)] for year in place.fives],
            years=years,
            ages=_five_labels(place),
            name="lexis",
            title=words("People by age and year"),
            description=words("Years across, ages up; darker where there are more people."),
        ),
    }


def change_map(
    planning: Planning, places: Sequence[Place], hrefs: Mapping[str, str], language: str
) -> Markup:
    """How much each place grows or shrinks from the first day to the last."""
    words, first, last = Words(language), planning.years[0], planning.years[-1]
    return growth_map(
        [_area(place, hrefs.get(place.code, ""), language) for place in places],
        outlines=planning.outlines,
        name="growth",
        title=words("Projected change, {first}–{last}", first=first, last=last),
        description=words("The same figures stand in the table of places."),
    )


def change_of(place: Place) -> float:
    """Change of the total from the first day to the last, as a share; NaN where nobody was there."""
    first, last = place.sums["total"][0], place.sums["total"][-1]
    return last / first - 1 if first > 0 else math.nan


def _area(place: Place, href: str, language: str) -> Area:
    change = change_of(place)
    told = f"{signed(100 * change, 1)}%" if math.isfinite(change) else "÷0"
    return Area(place.code, place.title[language], change, told, href)


def _small(planning: Planning, place: Place, group: str, language: str) -> tuple[str, Any]:
    title, years = planning.groups[group][language], [str(year) for year in planning.years]
    picture = small_fan(
        place.sums[group],
        _bands(place, group),
        labels=years,
        name=f"g-{group}",
        title=title,
        description=_in_words(Words(language), place, group),
    )
    return title, picture


def _pyramid(place: Place, years: Sequence[str], words: Words) -> Any:
    first, last = place.fives[0], place.fives[-1]
    band = None
    if place.bands is not None:
        low, high = place.bands[0], place.bands[-1]
        band = Band((low[0], low[1]), (high[0], high[1]))
    now: Sides = (first[0], first[1])
    then: Sides = (last[0], last[1])
    return pyramid(
        now,
        then,
        labels=_five_labels(place),
        heads=(words("men"), words("women")),
        name="pyramid",
        title=words("People by age and sex: {first} filled, {last} outlined", first=years[0], last=years[-1]),
        description=words("Bars to the left are men, to the right women; the youngest are at the bottom."),
        band=band,
    )


def _in_words(words: Words, place: Place, group: str) -> str:
    values = [value for value in place.sums[group] if math.isfinite(value)]
    return words("From {first} to {last}.", first=decimal(values[0]), last=decimal(values[-1]))


def _bands(place: Place, group: str) -> list[tuple[Series, Series]]:
    around = place.quantiles.get(group)
    if not around:
        return []
    return [(around[at], around[-1 - at]) for at in range(len(around) // 2)]


def _five_labels(place: Place) -> list[str]:
    count = len(place.fives[0][0])
    return [f"{5 * at}" if at < count - 1 else f"{5 * at}+" for at in range(count)]
