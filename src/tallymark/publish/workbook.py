"""The run as one Excel workbook: overview, scorecard heat map, ranks, gaps, indicators, findings, dictionary."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xlsxwriter

from tallymark.model.text import Text
from tallymark.publish.downloads import Download, specs
from tallymark.publish.edition import Edition
from tallymark.publish.explaining import points_kind
from tallymark.publish.facts import known
from tallymark.publish.headlines import alike, completeness_sentence, ranking_headline
from tallymark.publish.numbers import SIGNS, Kind, absent
from tallymark.publish.pages.figures import finding_text
from tallymark.publish.pages.gaps import win_back
from tallymark.publish.pages.ranks import grade_title

MOST_ROWS = 20_000
"""Rows of a sheet; the data files have all of them. Figures are those of the contract's level and above."""
EPOCH = dt.datetime(1980, 1, 1)
INK, SOFT, LINE = "#1b2126", "#55606a", "#d5d9d6"
SCALE = {"min_color": "#C8733F", "mid_color": "#FBEBCB", "max_color": "#E2EFEC"}


@dataclass(frozen=True, slots=True)
class Book:
    """An open workbook with its formats."""

    book: Any
    head: Any
    text: Any
    wrap: Any
    number: Any
    title: Any
    note: Any
    alarm: Any
    missing: Any


def write_workbook(edition: Edition, folder: Path) -> Download:
    """The workbook in the edition's language; its dates are the run's, so that the same run gives the same bytes."""
    prefix = "rehearsal-" if edition.facts.rehearsal else "internal-" if edition.facts.internal else ""
    path = folder / f"{prefix}scorecard-{edition.language}.xlsx"
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = _opened(path, options)
    book.book.set_properties(
        {
            "title": (edition.facts.contract or edition.facts.programme).title[edition.language],
            "comments": str(edition.facts.manifest["run"]),
            "created": _made_at(edition),
        }
    )
    _overview(edition, book)
    if edition.facts.contract is not None:
        _scorecard(edition, book)
        _ranks(edition, book)
        _gaps(edition, book)
    _indicators(edition, book)
    _findings(edition, book)
    _dictionary(edition, book)
    book.book.close()
    return Download(path.name, MEANING, path.stat().st_size, language=edition.language)


MEANING = Text(
    "Workbook: scorecard, ranks, gaps, figures, findings, dictionary",
    "工作簿：得分表、名次、失分、指标、问题、数据字典",
)


def _opened(path: Path, options: dict[str, bool]) -> Book:
    book = xlsxwriter.Workbook(str(path), options)
    plain = {"font_name": "Calibri", "font_size": 10, "font_color": INK, "valign": "top"}

    def styled(**more: object) -> Any:
        return book.add_format(plain | more)

    return Book(
        book=book,
        head=styled(bold=True, bottom=1, bottom_color=INK, text_wrap=True, valign="bottom"),
        text=styled(),
        wrap=styled(text_wrap=True),
        number=styled(num_format="#,##0.##", align="right"),
        title=styled(bold=True, font_size=16),
        note=styled(font_color=SOFT, text_wrap=True),
        alarm=styled(bold=True, font_size=12, font_color="#FFFFFF", bg_color="#8C2D0B"),
        missing=styled(font_color=SOFT, align="right", pattern=14, fg_color=LINE),
    )


def _made_at(edition: Edition) -> dt.datetime:
    made = str(edition.facts.manifest.get("made_at", ""))
    return dt.datetime.fromisoformat(made).replace(tzinfo=None) if made else EPOCH


MARKS = {
    (False, False): "",
    (True, False): "REHEARSAL — NOT A RESULT",
    (True, True): "REHEARSAL — NOT A RESULT",
    (False, True): "INTERNAL — NOT FOR PUBLICATION",
}
"""(rehearsal, internal) → what stands on top of every sheet."""


def _sheet(edition: Edition, book: Book, name: str, widths: Sequence[float]) -> tuple[Any, int]:
    """A sheet with its widths, and the first free row: a rehearsal says so on top of every sheet."""
    sheet = book.book.add_worksheet(edition.words(name)[:31])
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width, book.text)
    sheet.hide_gridlines(2)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    said = MARKS[edition.facts.rehearsal, edition.facts.internal]
    if not said:
        return sheet, 0
    sheet.set_tab_color("#8C2D0B")
    sheet.merge_range(0, 0, 0, max(len(widths) - 1, 1), edition.words(said), book.alarm)
    sheet.set_header(f"&C&B{edition.words(said)}")
    return sheet, 1


def _table(sheet: Any, book: Book, row: int, head: Sequence[str], rows: Sequence[Sequence[object]]) -> int:
    """A table below `row`, headings frozen and filtered; returns the row after it."""
    for column, label in enumerate(head):
        sheet.write_string(row, column, label, book.head)
    for at, cells in enumerate(rows[:MOST_ROWS], start=row + 1):
        for column, cell in enumerate(cells):
            _write(sheet, book, at, column, cell)
    end = row + min(len(rows), MOST_ROWS)
    sheet.freeze_panes(row + 1, 1)
    if rows:
        sheet.autofilter(row, 0, end, len(head) - 1)
    return end + 1


def _write(sheet: Any, book: Book, row: int, column: int, cell: object) -> None:
    """A cell: a number, a text, one of the signs of nothing, or nothing."""
    if isinstance(cell, Kind):
        sheet.write_string(row, column, SIGNS[cell], book.missing)
    elif isinstance(cell, (int, float)):
        if math.isfinite(cell):
            sheet.write_number(row, column, cell, book.number)
    elif cell:
        sheet.write_string(row, column, str(cell), book.wrap)


def _overview(edition: Edition, book: Book) -> None:
    facts, words = edition.facts, edition.words
    sheet, row = _sheet(edition, book, "Overview", (34, 90))
    title = (facts.contract or facts.programme).title[edition.language]
    sheet.write_string(row, 0, title, book.title)
    sheet.write_string(row + 1, 0, ranking_headline(edition) if facts.contract else "", book.text)
    entries = [
        (words("Period"), edition.period(facts.period.code)),
        (words("Reports"), completeness_sentence(edition)),
        (words("Run"), str(facts.manifest["run"])),
        (words("Data version"), str(facts.manifest["data_version"])),
        (words("Hash of the declared rules"), str(facts.manifest["programme"]["hash"])),
        (words("Program version"), str(facts.manifest["code_version"])),
        (words("Challenge a figure"), facts.programme.contact[edition.language]),
        *((SIGNS.get(kind, "0"), words(said)) for kind, said in NOTES),
    ]
    for at, (label, said) in enumerate(entries, start=row + 3):
        sheet.write_string(at, 0, label, book.head if label in SIGNS.values() else book.text)
        sheet.write_string(at, 1, said, book.note)


NOTES = (
    (Kind.ZERO, "zero"),
    (Kind.MISSING, "missing: due, but nothing usable came"),
    (Kind.NOT_EXPECTED, "not expected"),
    (Kind.SUPPRESSED, "suppressed"),
)


def _scorecard(edition: Edition, book: Book) -> None:
    facts, words, lines = edition.facts, edition.words, edition.facts.lines
    widths = (24, 9, *([9] * len(lines)))
    sheet, row = _sheet(edition, book, "Scorecard", widths)
    sheet.write_string(row, 1, words("of"), book.note)
    for column, line in enumerate(lines, start=2):
        _write(sheet, book, row, column, getattr(line.declared, "points", math.nan))
    head = [_level(edition), words("Total"), *(line.declared.title[edition.language] for line in lines)]
    rows = [
        [edition.name(unit), _total(edition, unit), *(_points(edition, unit, line.key) for line in lines)]
        for unit in facts.scored
    ]
    sheet.set_row(row + 1, 96)
    end = _table(sheet, book, row + 1, head, rows)
    for column, line in enumerate(lines, start=2):
        full = getattr(line.declared, "points", None)
        low, high = (
            (0, full)
            if full is not None
            else (-known(getattr(line.declared, "most", None) or math.nan, 1), 0)
        )
        scale: dict[str, object] = {
            "type": "3_color_scale",
            "min_type": "num",
            "mid_type": "num",
            "max_type": "num",
        }
        scale |= {"min_value": low, "mid_value": (low + high) / 2, "max_value": high} | SCALE
        sheet.conditional_format(row + 2, column, max(end - 1, row + 2), column, scale)
    bars = {"type": "data_bar", "bar_color": "#9CC5C1", "bar_solid": True, "min_type": "num", "min_value": 0}
    sheet.conditional_format(row + 2, 1, max(end - 1, row + 2), 1, bars)


def _total(edition: Edition, unit: str) -> object:
    return Kind.SUPPRESSED if edition.facts.total_is_withheld(unit) else edition.facts.totals[unit].total


def _level(edition: Edition) -> str:
    contract = edition.facts.contract
    return contract.level.title[edition.language] if contract else ""


def _points(edition: Edition, unit: str, key: tuple[str, str]) -> object:
    score = edition.facts.scores.get(unit, {}).get(key)
    kind = points_kind(score)
    return score.points if score is not None and kind in (Kind.VALUE, Kind.ZERO) else kind


def _ranks(edition: Edition, book: Book) -> None:
    facts, words = edition.facts, edition.words
    sheet, row = _sheet(edition, book, "Ranks", (24, 18, 9, 9, 9, 8, 8, 8, 8, 12, 14))
    head = [
        _level(edition), words("Peer group"), words("Total"), words("Lower limit"), words("Upper limit"),
        words("Rank"), words("Best rank"), words("Worst rank"), words("Of"), words("Cannot be told apart from"),
        words("Grade"),
    ]  # fmt: skip
    rows = []
    for group in facts.groups.values():
        for rank in group:
            total = facts.totals.get(rank.unit)
            limits = (total.low, total.high) if total else (math.nan, math.nan)
            rows.append(
                [
                    edition.name(rank.unit), rank.peer_group, _total(edition, rank.unit), *limits, rank.rank,
                    rank.rank_low, rank.rank_high, rank.of, len(alike(rank, group)), grade_title(edition, total),
                ]
            )  # fmt: skip
    _table(sheet, book, row, head, rows)


def _gaps(edition: Edition, book: Book) -> None:
    facts, words = edition.facts, edition.words
    sheet, row = _sheet(edition, book, "Gaps", (24, 6, 44, 9, 9, 60))
    lines = {line.key: line for line in facts.lines}
    rows = []
    for unit in facts.scored:
        for gap in facts.gaps.get(unit, ()):
            line = lines.get((gap.contract, gap.line))
            if line is None:
                continue
            score = facts.scores.get(unit, {}).get(line.key)
            back = win_back(edition, gap, getattr(line.declared, "indicator", None))
            lost: object = Kind.SUPPRESSED if absent(gap.lost) else gap.lost
            full = score.available if score else math.nan
            rows.append(
                [edition.name(unit), gap.order, line.declared.title[edition.language], lost, full, back]
            )
    head = [
        _level(edition),
        words("Order"),
        words("Line"),
        words("Points lost"),
        words("Of"),
        words("What would win them back"),
    ]
    _table(sheet, book, row, head, rows)


def _indicators(edition: Edition, book: Book) -> None:
    facts, words = edition.facts, edition.words
    sheet, row = _sheet(edition, book, "Indicators", (24, 44, 12, 10, 10, 12, 12, 9, 9, 9, 12, 10, 10))
    head = [
        words("Unit"), words("Indicator"), words("Figure"), words("Lower limit"), words("Upper limit"),
        words("Numerator"), words("Denominator"), words("Reports due"), words("Received"), words("Usable"),
        words("Basis"), words("Period before"), words("A year before"),
    ]  # fmt: skip
    rows = []
    for unit in dict.fromkeys((*edition.plan.full, *facts.compared)):
        for indicator in facts.programme.indicators.values():
            figure = facts.figures.get(unit, {}).get(indicator.name)
            if figure is None:
                continue
            shown = edition.shown(indicator, figure)
            value: object = figure.value if shown.kind in (Kind.VALUE, Kind.ZERO) else shown.kind
            rows.append(
                [
                    edition.name(unit), indicator.title[edition.language], value, figure.low, figure.high,
                    figure.numerator, figure.denominator, figure.expected, figure.received, figure.usable,
                    words(figure.basis) if figure.basis else "", figure.previous, figure.last_year,
                ]
            )  # fmt: skip
    _table(sheet, book, row, head, rows)


def _findings(edition: Edition, book: Book) -> None:
    words = edition.words
    sheet, row = _sheet(edition, book, "Findings", (11, 26, 18, 22, 11, 70, 60, 30))
    head = [
        words("Severity"), words("Code"), words("Dataset"), words("Unit"), words("Period"), words("What is wrong"),
        words("What to do"), words("File"),
    ]  # fmt: skip
    rows = []
    for finding in edition.facts.findings:
        said = finding_text(edition, finding)
        place = edition.name(finding.unit) if finding.unit else ""
        file = " ".join(part for part in (finding.file, finding.sheet, finding.cell) if part)
        rows.append(
            [
                said["said"],
                finding.code,
                finding.dataset,
                place,
                finding.period,
                said["message"],
                said["hint"],
                file,
            ]
        )
    _table(sheet, book, row, head, rows)


def _dictionary(edition: Edition, book: Book) -> None:
    words = edition.words
    sheet, row = _sheet(edition, book, "Dictionary", (16, 20, 12, 8, 80))
    rows = [
        [
            spec.name,
            column.name,
            str(column.type),
            words("yes") if column.name in spec.keys else "",
            column.meaning[edition.language],
        ]
        for spec in specs(edition.facts)
        for column in spec.columns
    ]
    _table(
        sheet,
        book,
        row,
        [words("Table"), words("Column"), words("Type"), words("Key"), words("Meaning")],
        rows,
    )
