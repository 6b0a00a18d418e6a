"""A run as a static site: read once, guarded, planned, then each language's edition written, whole or not at all."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from errno import ENOTDIR
from html import escape
from os import strerror
from pathlib import Path

from tallymark.errors import TallymarkError
from tallymark.model.periods import PeriodError
from tallymark.model.text import Text
from tallymark.publish.downloads import Download, write_downloads, write_hashes
from tallymark.publish.edition import Edition, edition
from tallymark.publish.facts import Facts, PublishableRun, read_facts
from tallymark.publish.flows import read_flows
from tallymark.publish.geography import Outlines, outlines
from tallymark.publish.html import ASSETS, LABELS, TAGS, Pages, asset
from tallymark.publish.pages.composites import write_composites
from tallymark.publish.pages.data import write_data
from tallymark.publish.pages.figures import Explain, write_figures
from tallymark.publish.pages.findings import write_findings
from tallymark.publish.pages.indicators import write_indicators
from tallymark.publish.pages.listed import write_listed
from tallymark.publish.pages.methods import write_methods
from tallymark.publish.pages.overview import write_overview
from tallymark.publish.pages.places import write_places
from tallymark.publish.pages.ranks import write_ranks
from tallymark.publish.pages.scorecard import write_scorecard
from tallymark.publish.pages.units import write_unit
from tallymark.publish.pages.verification import write_verification
from tallymark.publish.pages.withheld import write_withheld
from tallymark.publish.plan import Plan, make_plan
from tallymark.publish.records import Found, by
from tallymark.publish.series import Past, read_past
from tallymark.publish.workbook import write_workbook
from tallymark.room import is_full, no_room
from tallymark.texts import LANGUAGES

HASHES = Text("sha256 of every file here", "各文件的sha256")
MARK = "site.json"
"""Stands in every folder that was made here: only such a folder, or an empty one, is ever replaced."""


@dataclass(frozen=True, slots=True)
class Site:
    """What was written: the folder, how many pages, how many bytes in all files."""

    path: Path
    pages: int
    bytes: int


def publish(
    run: PublishableRun,
    out: Path,
    *,
    languages: Sequence[str] = LANGUAGES,
    explain: Explain | None = None,
    linkages: Sequence[Path] = (),
) -> Site:
    """The site of a run, written to `out`; the same run gives the same bytes.

    Reads the run only: `manifest`, `table(name)`, and `programme`, resolved from the run's frozen copy.
    explain(unit, indicator, period) adds corrections and what changed since the last run where it is given.
    linkages: folders of `tallymark link`, for the page of verification; counts are rounded unless the run is internal.
    Errors: TallymarkError when `out` holds something else, or cannot be written, or a folder holds no linkage.
    """
    chosen = _known(languages)
    must_be_free(out)
    office = bool(run.manifest.get("internal"))
    step = 1 if office else run.programme.disclosure.fewest
    facts = replace(read_facts(run, office=office), flows=read_flows(linkages, step=step))
    plan = make_plan(facts)
    out.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=".making-", dir=out.parent))
    try:
        pages = _write(facts, plan, fresh, chosen, explain)
        size = sum(path.stat().st_size for path in fresh.rglob("*") if path.is_file())
        _replace(fresh, out)
    except OSError as error:
        if is_full(error):
            raise no_room(TallymarkError, out, error) from error
        raise TallymarkError(
            "cannot write the site in {folder}: {why}", folder=out, why=error.strerror or error
        ) from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return Site(out, pages, size)


def _known(languages: Sequence[str]) -> tuple[str, ...]:
    wrong = [language for language in languages if language not in LANGUAGES]
    if wrong or not languages:
        raise TallymarkError(
            "no edition in '{wrong}'; there are: {known}", wrong=", ".join(wrong), known=", ".join(LANGUAGES)
        )
    return tuple(dict.fromkeys(languages))


def must_be_free(out: Path) -> None:
    """Nothing when a site may be written to `out`; TallymarkError when something else is there, or a file above it."""
    above = next((folder for folder in out.absolute().parents if folder.exists()), None)
    if above is not None and not above.is_dir():
        raise TallymarkError("cannot write the site in {folder}: {why}", folder=out, why=strerror(ENOTDIR))
    if out.exists() and not (out.is_dir() and ((out / MARK).is_file() or not any(out.iterdir()))):
        raise TallymarkError(
            "{folder} exists and is no site made here; choose an empty or new folder", folder=out
        )


def _write(facts: Facts, plan: Plan, out: Path, languages: tuple[str, ...], explain: Explain | None) -> int:
    shapes = _outlines(facts)
    past = read_past(facts, plan.full)
    found = by([finding for finding in facts.findings if in_period(finding, facts)], "unit")
    editions = [edition(facts, plan, language) for language in languages]
    downloads = write_downloads(facts, out / "data")
    downloads += [write_workbook(one, out / "data") for one in editions]
    sums = write_hashes(out / "data")
    downloads.append(Download(sums.name, HASHES, sums.stat().st_size))
    pages = 0
    for one in editions:
        pages += _write_edition(Pages(one, out, languages), past, found, shapes, downloads, explain)
    for name in ASSETS:
        target = out / "assets" / name
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(asset(name))
    (out / "index.html").write_text(_door(editions), encoding="utf-8")
    mark = {"made_by": "tallymark", "run": facts.manifest["run"], "languages": languages, "pages": pages}
    (out / MARK).write_text(json.dumps(mark, ensure_ascii=False, sort_keys=True), encoding="utf-8")
    return pages


def _write_edition(
    pages: Pages,
    past: Past,
    found: dict[str, list[Found]],
    shapes: Outlines | None,
    downloads: Sequence[Download],
    explain: Explain | None,
) -> int:
    plan = pages.edition.plan
    write_overview(pages, shapes)
    write_scorecard(pages)
    write_ranks(pages)
    write_places(pages)
    write_indicators(pages, past)
    write_composites(pages)
    write_verification(pages)
    write_findings(pages)
    write_methods(pages)
    write_withheld(pages)
    write_data(pages, downloads)
    for unit in (*plan.full, *plan.light):
        write_unit(pages, unit, past if unit in plan.figure_page else None, found)
    for unit in plan.full:
        write_figures(pages, unit, past, found, explain=explain)
    for host in plan.hosted:
        write_listed(pages, host)
    return pages.written


def in_period(finding: Found, facts: Facts) -> bool:
    """Whether a finding is about the run's period: its period lies inside, or it has none.

    A period that a file wrote and nobody could read is not the run's.
    """
    if not finding.period:
        return True
    try:
        period = facts.programme.calendar.parse(finding.period)
    except PeriodError:
        return False
    return facts.period.start <= period.start and period.end <= facts.period.end


def _outlines(facts: Facts) -> Outlines | None:
    programme = facts.programme
    if programme.geometry is None or facts.contract is None:
        return None
    return outlines(programme.geometry, programme.geometry_key, facts.totals)


def _door(editions: Sequence[Edition]) -> str:
    """The first page: leads to the first edition, and offers the others."""
    first = editions[0]
    links = "".join(
        f'<li><a href="{one.language}/index.html" lang="{TAGS[one.language]}">{LABELS[one.language]}</a></li>'
        for one in editions
    )
    title = escape(first.facts.programme.title[first.language])
    return (
        f'<!doctype html>\n<html lang="{TAGS[first.language]}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta http-equiv="refresh" content="0; url={first.language}/index.html"><title>{title}</title>'
        f'<link rel="stylesheet" href="assets/site.css"></head><body><main id="main" class="wide"><h1>{title}</h1>'
        f"<ul>{links}</ul></main></body></html>\n"
    )


def _replace(fresh: Path, out: Path) -> None:
    os.chmod(fresh, 0o755)
    if out.exists():
        old = Path(tempfile.mkdtemp(prefix=".old-", dir=out.parent))
        os.replace(out, old / "site")
        os.replace(fresh, out)
        shutil.rmtree(old, ignore_errors=True)
    else:
        os.replace(fresh, out)
