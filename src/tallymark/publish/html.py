"""Pages as HTML: one escaping environment a language, the layout around every page, and the writer of files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path, PurePosixPath
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from tallymark.publish.edition import Edition
from tallymark.publish.numbers import SIGNS, Kind, period_text

MOST_BYTES = 200_000
"""A page's most, style sheet and script not counted."""
TAGS = {"en": "en", "zh": "zh-Hans"}
LABELS = {"en": "English", "zh": "中文"}
ASSETS = ("site.css", "site.js", "mark.svg")
NAVIGATION = (
    ("index.html", "Overview"),
    ("scorecard.html", "Scorecard"),
    ("ranks.html", "Ranks"),
    ("units.html", "Places"),
    ("indicators.html", "Indicators"),
    ("verification.html", "Verification"),
    ("findings.html", "Findings"),
    ("methods.html", "Methods"),
    ("withheld.html", "Withheld"),
    ("data.html", "Data"),
)
OF_RELEASES = ("withheld.html",)
OF_CONTRACTS = ("scorecard.html", "ranks.html")

CLASSES = {
    Kind.VALUE: "",
    Kind.ZERO: "z",
    Kind.MISSING: "m",
    Kind.NOT_EXPECTED: "u",
    Kind.SUPPRESSED: "s",
    Kind.UNDEFINED: "d",
}


@dataclass(slots=True)
class Pages:
    """The pages of one edition, written below the site's folder as they are made."""

    edition: Edition
    out: Path
    languages: tuple[str, ...]
    environment: Environment = field(init=False)
    written: int = 0
    bytes: int = 0

    def __post_init__(self) -> None:
        self.environment = environment(self.edition)
        self.environment.globals.update(_about(self.edition))

    def write(self, path: str, template: str, *, page_title: str, section: str = "", **context: Any) -> None:
        """A page at `path` from the language's folder, in the layout; `section` is the navigation's current entry."""
        root = "../" * (len(PurePosixPath(path).parts) - 1)
        html = self.environment.get_template(template).render(
            root=root,
            page_title=page_title,
            nav=self._navigation(section or path),
            others=self._others(path, root),
            landscape=template == "scorecard.html",
            **context,
        )
        content = html.encode("utf-8")
        target = self.out / self.edition.language / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        self.written += 1
        self.bytes += len(content)

    def _navigation(self, current: str) -> list[tuple[str, str, bool]]:
        words = self.edition.words
        return [
            (href, words(label), href == current)
            for href, label in NAVIGATION
            if (self.edition.facts.contract is not None or href not in OF_CONTRACTS)
            and (self.edition.facts.release or href not in OF_RELEASES)
        ]

    def _others(self, path: str, root: str) -> list[tuple[str, str, str]]:
        return [
            (TAGS[language], LABELS[language], f"{root}../{language}/{path}")
            for language in self.languages
            if language != self.edition.language
        ]


def environment(edition: Edition) -> Environment:
    """Templates that escape everything and fail on what is undefined, speaking the edition's language."""
    made = Environment(
        loader=PackageLoader("tallymark.publish", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(t=edition.words, facts=edition.facts, signs=SIGNS)
    return made


def _about(edition: Edition) -> Mapping[str, Any]:
    facts, language = edition.facts, edition.language
    manifest, programme = facts.manifest, facts.programme
    return {
        "lang_tag": TAGS[language],
        "site_title": (facts.contract.title if facts.contract else programme.title)[language],
        "programme_title": programme.title[language],
        "publisher": (programme.publisher or programme.title)[language],
        "contact": programme.contact[language],
        "run_id": facts.release or manifest["run"],
        "period_said": period_text(facts.period, programme.calendar, language),
        "data_version": manifest["data_version"],
        "rules_hash": str(manifest["programme"]["hash"]),
        "code_version": manifest["code_version"],
    }


def asset(name: str) -> bytes:
    """A file that ships with the site."""
    return files("tallymark.publish").joinpath("assets", name).read_bytes()
