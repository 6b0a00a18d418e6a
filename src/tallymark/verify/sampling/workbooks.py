"""Visit forms as workbooks: one to fill in (received like any delivery), one for phones (XLSForm)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tallymark.model.text import Text
from tallymark.verify.sampling.forms import NONE, OUTCOMES, Form

YES_NO = (("yes", Text("yes", "是")), ("no", Text("no", "否")))
LABELS = ("label::English (en)", "label::中文 (zh)")
HINTS = ("hint::English (en)", "hint::中文 (zh)")
OUTCOME = "outcome"
FIELDS = ("unit", "name", "period", "visited_on", "visitor", "outcome")


def return_workbook(
    path: Path, sample: Sequence[Mapping[str, Any]], form: Form, *, periods: Sequence[str]
) -> None:
    """A workbook with a row for each drawn unit and period, a blank column for each question, by its name."""
    import xlsxwriter  # 40 ms that other commands need not pay

    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet("visits")
        bold, text = book.add_format({"bold": True}), book.add_format({"num_format": "@"})
        names = [*FIELDS, *(question.name for question in form.questions)]
        sheet.write_row(0, 0, names, bold)
        line = 0
        for row in sample:
            for period in periods or ("",):
                line += 1
                for column, value in enumerate((row["unit"], row["name"], period)):
                    sheet.write_string(line, column, str(value), text)
        _lists(sheet, form, line)
        sheet.freeze_panes(1, 3)
        sheet.set_column(0, len(names) - 1, 16)
        _meanings(book.add_worksheet("questions"), form, bold)


def _lists(sheet: Any, form: Form, last: int) -> None:
    """Choices where only some answers are possible, whole numbers where figures are counted."""
    sheet.data_validation(1, 5, last, 5, {"validate": "list", "source": [code for code, _ in OUTCOMES]})
    for place, question in enumerate(form.questions, len(FIELDS)):
        if question.kind in ("check", "ask"):
            codes = [code for code, _ in (question.choices or YES_NO)]
            if len(",".join(codes)) <= 255:
                sheet.data_validation(1, place, last, place, {"validate": "list", "source": codes})
        elif question.kind == "recount":
            sheet.data_validation(
                1, place, last, place, {"validate": "integer", "criteria": ">=", "value": 0}
            )


def _meanings(sheet: Any, form: Form, bold: Any) -> None:
    sheet.write_row(0, 0, ("name", "kind", "en", "zh", "choices"), bold)
    for line, question in enumerate(form.questions, 1):
        choices = "; ".join(f"{code} = {title.en} / {title.zh}" for code, title in question.choices)
        sheet.write_row(
            line, 0, (question.name, question.kind, question.title.en, question.title.zh, choices)
        )
    sheet.set_column(2, 4, 50)


def xlsform(
    path: Path, sample: Sequence[Mapping[str, Any]], form: Form, *, form_id: str, periods: Sequence[str]
) -> None:
    """An XLSForm with the drawn units as choices; ODK Collect, Kobo and others take it as it is."""
    import xlsxwriter

    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        survey, choices, settings = (book.add_worksheet(name) for name in ("survey", "choices", "settings"))
        for line, row in enumerate(_survey(form, periods)):
            survey.write_row(line, 0, row)
        for line, row in enumerate(_choices(form, sample, periods)):
            choices.write_row(line, 0, row)
        settings.write_row(0, 0, ("form_title", "form_id", "version", "default_language"))
        settings.write_row(1, 0, (form.title.en, form_id, "1", "English (en)"))


def _survey(form: Form, periods: Sequence[str]) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [("type", "name", *LABELS, *HINTS, "required", "constraint", "relevant")]
    visited = f"${{{OUTCOME}}} = 'visited'"

    def row(
        kind: str,
        name: str,
        title: Text,
        hint: Text = NONE,
        required: str = "yes",
        constraint: str = "",
        relevant: str = "",
    ) -> None:
        rows.append((kind, name, title.en, title.zh, hint.en, hint.zh, required, constraint, relevant))

    row("select_one unit", "unit", Text("Unit", "单位"))
    if periods:
        row("select_one period", "period", Text("Period", "时期"))
    row("date", "visited_on", Text("Day of the visit", "检查日期"))
    row("text", "visitor", Text("Visitor", "检查人"))
    row("select_one outcome", OUTCOME, Text("What came of the visit", "检查结果"))
    for question in form.questions:
        kind = {"recount": "integer", "check": "select_one yes_no", "note": "text"}.get(
            question.kind, f"select_one {question.name}"
        )
        optional = "no" if question.kind in ("note", "recount") else "yes"
        row(
            kind,
            question.name,
            question.title,
            question.hint,
            optional,
            ". >= 0" if question.kind == "recount" else "",
            visited,
        )
    return rows


def _choices(
    form: Form, sample: Sequence[Mapping[str, Any]], periods: Sequence[str]
) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [("list_name", "name", *LABELS)]
    rows += [("unit", str(row["unit"]), *[f"{row['unit']} {row['name']}".strip()] * 2) for row in sample]
    rows += [("period", period, period, period) for period in periods]
    rows += [("outcome", code, title.en, title.zh) for code, title in OUTCOMES]
    rows += [("yes_no", code, title.en, title.zh) for code, title in YES_NO]
    rows += [(each.name, code, title.en, title.zh) for each in form.questions for code, title in each.choices]
    return rows
