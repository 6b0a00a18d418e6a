"""A contract as a workbook to change in Excel: written from the fields of the form, read back as what a form says."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import xlsxwriter
from python_calamine import CalamineError, CalamineWorkbook

from tallymark.errors import TallymarkError
from tallymark.texts import Message
from tallymark_web.declared.fields import INDICATORS, Field, Group, Part, text_of

LINES, INDICATOR_SHEET, ABOUT = "lines", "indicators", "about"
FIXED = ("part", "code", "award.kind")
MOST = 4 << 20
MOST_UNPACKED = 64 << 20
MOST_ROWS = 5_000
NEW = {
    "title.en": "new.title.en", "title.zh": "new.title.zh", "points": "new.points", "indicator": "new.indicator",
    "award.kind": "new.kind", "award.floor": "new.floor", "award.target": "new.target", "award.keep_at": "new.keep_at",
    "award.out_of": "new.out_of", "award.each": "new.each", "award.allowed": "new.allowed", "award.least": "new.least",
    "missing": "new.missing", "uncertain": "new.uncertain",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Read:
    """What a workbook says: a form's fields, forms of lines that are new, and what was not understood."""

    said: dict[str, str]
    new: tuple[dict[str, str], ...]
    findings: tuple[Message, ...]


def column_of(field: Field, group: Group) -> str:
    """The heading of a field's column: its place within its row, in the words of the files."""
    depth = len(group.path) if group.path else 2
    return ".".join(map(str, field.path[depth:]))


def write_workbook(contract: Sequence[Part], indicators: Sequence[Part], about: Sequence[str]) -> bytes:
    """The workbook: a row for each line, deduction, gate and grade; a row for each indicator that is scored."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    styles = {
        "head": book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"}),
        "fixed": book.add_format({"font_color": "#5c666c", "bg_color": "#f1f3f2"}),
        "open": book.add_format({"bg_color": "#fffdf3", "border": 1, "border_color": "#d9dcda"}),
    }
    _sheet(book, LINES, _rows(contract), styles)
    _sheet(book, INDICATOR_SHEET, _rows(indicators), styles)
    page = book.add_worksheet(ABOUT)
    page.set_column(0, 0, 100)
    for at, line in enumerate(about):
        page.write_string(at, 0, line)
    book.close()
    return out.getvalue()


def _rows(parts: Sequence[Part]) -> list[tuple[Part, Group]]:
    return [(part, group) for part in parts for group in part.groups]


def _sheet(book: Any, name: str, rows: list[tuple[Part, Group]], styles: dict[str, Any]) -> None:
    sheet = book.add_worksheet(name)
    columns = list(dict.fromkeys(column_of(field, group) for _, group in rows for field in group.fields))
    heads = [*FIXED, *columns] if name == LINES else ["code", *columns]
    for at, head in enumerate(heads):
        sheet.write_string(0, at, head, styles["head"])
    for row, (part, group) in enumerate(rows, 1):
        fixed = {"part": part.code, "code": group.code, "award.kind": group.kind}
        if name == INDICATOR_SHEET:
            fixed = {"code": str(group.fields[0].path[1])}
        for at, head in enumerate(heads[: len(fixed)]):
            sheet.write_string(row, at, fixed[head], styles["fixed"])
        for field in group.fields:
            at = heads.index(column_of(field, group))
            if field.number:
                sheet.write_number(row, at, field.value, styles["open"])
            else:
                sheet.write_string(row, at, field.text, styles["open"])
    sheet.freeze_panes(1, 3 if name == LINES else 1)
    sheet.set_column(0, len(heads) - 1, 14)
    for at, head in enumerate(heads):
        if head.startswith("title"):
            sheet.set_column(at, at, 34)


def read_workbook(content: bytes, contract: Sequence[Part], indicators: Sequence[Part]) -> Read:
    """What the workbook says beside what stands.

    Errors: TallymarkError for what is no workbook, or has no sheet `lines`.
    """
    if not content or len(content) > MOST:
        raise TallymarkError("the workbook is empty or larger than {most} MB", most=MOST >> 20)
    try:
        _must_be_small(content)
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheets = {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}
    except (CalamineError, zipfile.BadZipFile, OSError, ValueError) as error:
        raise TallymarkError("this is no workbook that can be read; save it as .xlsx") from error
    if LINES not in sheets:
        raise TallymarkError(
            "the workbook has no sheet '{name}'; start from the one that is offered here", name=LINES
        )
    said: dict[str, str] = {}
    new: list[dict[str, str]] = []
    findings: list[Message] = []
    for name, parts in ((LINES, contract), (INDICATOR_SHEET, indicators)):
        findings += _read_sheet(name, sheets.get(name, [])[:MOST_ROWS], _rows(parts), (said, new))
    return Read(said, tuple(new), tuple(findings))


def _must_be_small(content: bytes) -> None:
    """TallymarkError for a workbook that unpacks to far more than a contract needs."""
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        if sum(part.file_size for part in packed.infolist()) > MOST_UNPACKED:
            raise TallymarkError("the workbook unpacks to far more than a contract needs")


def _read_sheet(
    sheet: str,
    grid: list[list[Any]],
    rows: list[tuple[Part, Group]],
    into: tuple[dict[str, str], list[dict[str, str]]],
) -> Iterator[Message]:
    said, new = into
    heads = [text_of(cell).strip() for cell in grid[0]] if grid else []
    known = {_key(sheet, part, group): group for part, group in rows}
    places = {key: {column_of(field, group): field for field in group.fields} for key, group in known.items()}
    columns = {column for place in places.values() for column in place} | set(FIXED)
    for at, head in enumerate(heads):
        if head and head not in columns:
            yield Message(
                "{sheet}!{cell}: there is no column '{name}'", sheet=sheet, cell=f"{_letters(at)}1", name=head
            )
    seen = set()
    for number, cells in enumerate(grid[1:], 2):
        row = {head: text_of(cell).strip() for head, cell in zip(heads, cells, strict=False) if head}
        key = (row.get("part", ""), row.get("code", "")) if sheet == LINES else ("", row.get("code", ""))
        if not any(row.values()):
            continue
        seen.add(key)
        if key in known:
            for column, field in places[key].items():
                if column in row and row[column] != field.text:
                    said[field.name] = row[column]
            stray = [
                column
                for column, text in row.items()
                if text and column in columns and column not in places[key] and column not in FIXED
            ]
            for column in stray:
                yield Message(
                    "{sheet}!{cell}: '{code}' has no '{name}'; the cell is not used",
                    sheet=sheet,
                    cell=f"{_letters(heads.index(column))}{number}",
                    code=key[1],
                    name=column,
                )
        elif sheet == LINES and any(part.lines and part.code == key[0] for part, _ in rows):
            new.append(
                {"new.section": key[0], "new.code": key[1]}
                | {NEW[head]: text for head, text in row.items() if head in NEW}
            )
        else:
            yield Message(
                "{sheet}!A{row}: '{code}' is not known here; the row is not used",
                sheet=sheet,
                row=number,
                code=" ".join(key).strip() or "–",
            )
    for key in known.keys() - seen:
        if grid and key[1]:
            yield Message(
                "{sheet}: '{code}' has no row any more; it stays. Take it out in the form",
                sheet=sheet,
                code=key[1],
            )


def _key(sheet: str, part: Part, group: Group) -> tuple[str, str]:
    return (part.code, group.code) if sheet == LINES else ("", str(group.fields[0].path[1]))


def _letters(at: int) -> str:
    return chr(65 + at) if at < 26 else _letters(at // 26 - 1) + chr(65 + at % 26)


def scored_indicators(sections: dict[str, Any], contract: Sequence[Part]) -> list[str]:
    """The indicators that the lines of a contract name, in their order."""
    named = [field.text for _, group in _rows(contract) for field in group.fields if field.key == "indicator"]
    return [name for name in dict.fromkeys(named) if name in sections.get(INDICATORS, {})]
