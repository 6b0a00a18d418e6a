"""Planning pages of a projection, in both languages: a page for all units together and one for each."""

from __future__ import annotations

import json
import math
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from tallymark.errors import TallymarkError
from tallymark.publish.html import ASSETS, LABELS, TAGS, asset
from tallymark.publish.numbers import decimal, signed, spread
from tallymark.publish.planning_pictures import change_map, pictures
from tallymark.publish.planning_record import RECORD, Place, Planning, recorded
from tallymark.publish.slugs import file_names
from tallymark.publish.words import Words
from tallymark.texts import LANGUAGES

MARK = "planning.json"
TABLE_STEPS = 5


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
    (out / RECORD).write_text(json.dumps(recorded(planning), ensure_ascii=False), encoding="utf-8")
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
            **pictures(self.planning, place, self.language),
            map=self._map() if place is self.planning.whole else "",
            table=self._table(place),
            comparison=self._comparison() if place is self.planning.whole else [],
        )
        (self.out / name).write_bytes(html.encode("utf-8"))

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

    def _map(self) -> Any:
        """Projected change of each place, as a map or as tiles; nothing of a single place."""
        places = self.planning.places
        hrefs = {place.code: f"{self.names[place.code]}.html" for place in places}
        return change_map(self.planning, places, hrefs, self.language) if places else ""

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
