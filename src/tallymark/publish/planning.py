"""Planning pages of a projection, in both languages: a page for all units together and one for each."""

from __future__ import annotations

import json
import math
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from tallymark.errors import TallymarkError
from tallymark.model.text import Text
from tallymark.publish.charts.fan import fan, small_fan
from tallymark.publish.charts.lexis import lexis
from tallymark.publish.charts.pyramid import Band, Sides, pyramid
from tallymark.publish.html import ASSETS, LABELS, TAGS, asset
from tallymark.publish.numbers import decimal, signed, spread
from tallymark.publish.slugs import file_names
from tallymark.publish.words import Words
from tallymark.texts import LANGUAGES

MARK = "planning.json"
TABLE_STEPS = 5
Series = Sequence[float]


@dataclass(frozen=True, slots=True)
class Place:
    """One unit, or all together: series by year of each group (with quantiles from the lowest), and five-year groups.

    sums: group → values. quantiles: group → values of each level; empty without futures. others: scenario → totals.
    fives: (year, sex, five-year group). bands: (level, sex, five-year group) of the last year, lowest and highest.
    """

    code: str
    title: Text
    sums: Mapping[str, Series]
    quantiles: Mapping[str, Sequence[Series]]
    others: Mapping[str, Series]
    fives: Sequence[Sequence[Series]]
    bands: Sequence[Sequence[Series]] | None


@dataclass(frozen=True, slots=True)
class Planning:
    """What the pages tell of a projection; `whole` is all places together."""

    title: Text
    description: Text
    years: tuple[int, ...]
    groups: Mapping[str, Text]
    scenarios: Mapping[str, Text]
    whole: Place
    places: tuple[Place, ...]
    futures: int
    notes: tuple[Text, ...]
    hash: str


def publish_planning(planning: Planning, out: Path, *, languages: Sequence[str] = LANGUAGES) -> int:
    """Writes the pages into `out`, beside other files there, and says how many; the same input gives the same bytes."""
    out.mkdir(parents=True, exist_ok=True)
    held = [out / language for language in languages if (out / language).exists()]
    if held and not (out / MARK).is_file():
        raise TallymarkError("{folder} holds something else; give an empty or new folder", folder=out)
    names = file_names([place.code for place in planning.places])
    written = 0
    for language in languages:
        fresh = Path(tempfile.mkdtemp(prefix=".making-", dir=out))
        os.chmod(fresh, 0o755)
        pages = _Pages(planning, fresh, language, tuple(languages), names)
        pages.write(planning.whole, "index.html")
        for place in planning.places:
            pages.write(place, f"{names[place.code]}.html")
        written += 1 + len(planning.places)
        shutil.rmtree(out / language, ignore_errors=True)
        os.replace(fresh, out / language)
    (out / "assets").mkdir(exist_ok=True)
    for name in ASSETS:
        (out / "assets" / name).write_bytes(asset(name))
    first = languages[0]
    (out / "index.html").write_text(
        f'<!doctype html><html lang="{TAGS[first]}"><meta charset="utf-8">'
        f'<meta http-equiv="refresh" content="0; url={first}/index.html"><title>{first}</title></html>\n',
        encoding="utf-8",
    )
    mark = {"made_by": "tallymark project", "inputs": planning.hash, "pages": written}
    (out / MARK).write_text(json.dumps(mark, sort_keys=True), encoding="utf-8")
    return written


class _Pages:
    """The pages of one language."""

    def __init__(
        self,
        planning: Planning,
        out: Path,
        language: str,
        languages: tuple[str, ...],
        names: Mapping[str, str],
    ) -> None:
        self.planning, self.out, self.language, self.names = planning, out, language, names
        self.languages, self.words = languages, Words(language)
        self.environment = Environment(
            loader=PackageLoader("tallymark.publish", "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def write(self, place: Place, name: str) -> None:
        """A place's page."""
        template = self.environment.get_template("planning.html")
        html = template.render(
            t=self.words,
            planning=self.planning,
            place=place,
            language=self.language,
            lang_tag=TAGS[self.language],
            others=[
                (TAGS[one], LABELS[one], f"../{one}/{name}") for one in self.languages if one != self.language
            ],
            places=[
                (one.title[self.language], f"{self.names[one.code]}.html", one is place)
                for one in self.planning.places
            ],
            at_whole=place is self.planning.whole,
            **self._pictures(place),
            table=self._table(place),
            comparison=self._comparison() if place is self.planning.whole else [],
        )
        (self.out / name).write_bytes(html.encode("utf-8"))

    def _pictures(self, place: Place) -> dict[str, Any]:
        years = [str(year) for year in self.planning.years]
        return {
            "total": fan(
                place.sums["total"],
                _bands(place, "total"),
                labels=years,
                others={self.planning.scenarios[one][self.language]: v for one, v in place.others.items()},
                name="total",
                title=self.words("People, {first}–{last}", first=years[0], last=years[-1]),
                description=self._in_words(place, "total"),
            ),
            "small": [self._small(place, group, years) for group in self.planning.groups if group != "total"],
            "pyramid": self._pyramid(place, years),
            "surface": lexis(
                [[one + other for one, other in zip(*year, strict=True)] for year in place.fives],
                years=years,
                ages=_five_labels(place),
                name="lexis",
                title=self.words("People by age and year"),
                description=self.words("Years across, ages up; darker where there are more people."),
            ),
        }

    def _small(self, place: Place, group: str, years: list[str]) -> tuple[str, Any]:
        title = self.planning.groups[group][self.language]
        picture = small_fan(
            place.sums[group],
            _bands(place, group),
            labels=years,
            name=f"g-{group}",
            title=title,
            description=self._in_words(place, group),
        )
        return title, picture

    def _pyramid(self, place: Place, years: list[str]) -> Any:
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
            heads=(self.words("men"), self.words("women")),
            name="pyramid",
            title=self.words(
                "People by age and sex: {first} filled, {last} outlined", first=years[0], last=years[-1]
            ),
            description=self.words(
                "Bars to the left are men, to the right women; the youngest are at the bottom."
            ),
            band=band,
        )

    def _in_words(self, place: Place, group: str) -> str:
        values = [value for value in place.sums[group] if math.isfinite(value)]
        return self.words("From {first} to {last}.", first=decimal(values[0]), last=decimal(values[-1]))

    def _table(self, place: Place) -> dict[str, Any]:
        at = [*range(0, len(self.planning.years), TABLE_STEPS)]
        if at[-1] != len(self.planning.years) - 1:
            at.append(len(self.planning.years) - 1)
        rows = []
        for group, title in self.planning.groups.items():
            cells = []
            for year in at:
                value = place.sums[group][year]
                around = place.quantiles.get(group)
                sure = around is None or year == 0
                interval = (
                    ""
                    if sure or around is None
                    else spread(around[0][year], around[-1][year], 0, self.language)
                )
                cells.append(("—" if math.isnan(value) else decimal(value), interval))
            rows.append((title[self.language], cells))
        return {"years": [self.planning.years[year] for year in at], "rows": rows}

    def _comparison(self) -> list[dict[str, str]]:
        """A row a place: people at the start and the end, and the change."""
        rows = []
        for place in self.planning.places:
            first, last = place.sums["total"][0], place.sums["total"][-1]
            rows.append(
                {
                    "title": place.title[self.language],
                    "href": f"{self.names[place.code]}.html",
                    "first": decimal(first),
                    "last": decimal(last),
                    "change": f"{signed(100 * (last / first - 1), 1)}%" if first > 0 else "÷0",
                    "elders": decimal(place.sums["elders_65"][-1]),
                    "children": decimal(place.sums["under_five"][-1]),
                }
            )
        return rows


def _bands(place: Place, group: str) -> list[tuple[Series, Series]]:
    around = place.quantiles.get(group)
    if not around:
        return []
    return [(around[at], around[-1 - at]) for at in range(len(around) // 2)]


def _five_labels(place: Place) -> list[str]:
    count = len(place.fives[0][0])
    return [f"{5 * at}" if at < count - 1 else f"{5 * at}+" for at in range(count)]
