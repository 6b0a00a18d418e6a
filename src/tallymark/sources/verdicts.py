"""What can be said of a cell or a row at receipt: one verdict each, with its finding in words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from tallymark.findings import Severity


class Verdict(IntEnum):
    """What became of a cell or row: up to FRACTION a value or rightly none, from NOT_A_NUMBER on refused."""

    OK = 0
    BLANK = 1
    MISSING = 2
    UNCLEAR_NONE = 3
    CLEANED = 4
    PERCENT = 5
    WITH_UNIT = 6
    NUMERAL = 7
    FRACTION = 8

    NOT_A_NUMBER = 20
    LETTER_FOR_DIGIT = 21
    UNCLEAR_NUMBER = 22
    NOT_EXACT = 23
    SHEET_ERROR = 24
    DATE_FOR_NUMBER = 25
    NOT_WHOLE = 26
    NOT_A_DATE = 27
    UNCLEAR_DATE = 28
    NO_SUCH_DAY = 29
    NOT_YES_OR_NO = 30
    NOT_A_CATEGORY = 31
    NOT_A_PERIOD = 32
    OTHER_FREQUENCY = 33
    UNKNOWN_UNIT = 34
    UNCLEAR_UNIT = 35
    OTHER_LEVEL = 36
    NOT_OPEN = 37
    IN_FUTURE = 38
    UNKNOWN_ITEM = 39
    REQUIRED_BLANK = 40
    CONFLICT = 41
    TOTAL_ROW = 42
    MISFIT = 43
    OTHER_PART = 44
    UNDECLARED = 45
    ELSEWHERE = 46

    BELOW_MIN = 60
    ABOVE_MAX = 61
    FUTURE_STOCK = 64
    REPEATED = 65
    KEPT_EARLIER = 66
    OLDER_FILE = 67
    DELETED = 68


NOTHING = (Verdict.BLANK, Verdict.MISSING, Verdict.UNCLEAR_NONE)
"""There is no value, and rightly none."""
REFUSES = 20
"""From here to BELOW_MIN a verdict refuses."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A verdict's finding: stable code, how much it matters, and its words for one place and for many."""

    code: str
    severity: Severity
    one: str
    many: str
    hint: str = ""
    meant: str = ""
    """The hint when there is something to suggest."""


_E, _W, _N = Severity.ERROR, Severity.WARNING, Severity.NOTE

PROBLEMS: dict[Verdict, Problem] = {
    Verdict.MISSING: Problem(
        "receive.said_missing", _N,
        "“{text}” in “{column}” was taken as missing",
        "{count} cells of “{column}” say that there is no value ({examples}): taken as missing",
    ),
    Verdict.UNCLEAR_NONE: Problem(
        "receive.none_or_zero", _W,
        "“{text}” in “{column}” may mean none or not reported: taken as missing",
        "{count} cells of “{column}” may mean none or not reported ({examples}): taken as missing",
        "Write 0 when there were none; leave the cell empty when it was not counted.",
    ),
    Verdict.CLEANED: Problem(
        "receive.number_cleaned", _N,
        "“{text}” in “{column}” was read as a number (spaces, width or thousands separators)",
        "{count} numbers of “{column}” had spaces, wide digits or thousands separators ({examples}): read as numbers",
    ),
    Verdict.PERCENT: Problem(
        "receive.percent_sign", _N,
        "“{text}” in “{column}” was read without its percent sign",
        "{count} numbers of “{column}” had a percent sign ({examples}): read without it",
        "The number is kept as written: 85.7 % is 85.7, unless the item goes to 1 at most; then it is 0.857.",
    ),
    Verdict.WITH_UNIT: Problem(
        "receive.unit_of_measure", _N,
        "“{text}” in “{column}” was read without the word behind the number",
        "{count} numbers of “{column}” had a word behind them ({examples}): read without it",
        "Nothing is converted: check that the unit of measure is the item's.",
    ),
    Verdict.NUMERAL: Problem(
        "receive.numeral", _N,
        "“{text}” in “{column}” was read as a number",
        "{count} numbers of “{column}” were written with Chinese numerals ({examples}): read as numbers",
    ),
    Verdict.FRACTION: Problem(
        "receive.fraction", _W,
        "{text} in “{column}” is not a whole number; kept",
        "{count} numbers of “{column}” are not whole ({examples}); kept",
        "A count should be whole. Check whether it is an average, or a decimal point for a thousands separator.",
    ),
    Verdict.NOT_A_NUMBER: Problem(
        "receive.not_a_number", _E,
        "“{text}” in “{column}” is not a number; not taken",
        "{count} cells of “{column}” are not numbers ({examples}); not taken",
        "Write the number alone in the cell, and send the file again.",
    ),
    Verdict.LETTER_FOR_DIGIT: Problem(
        "receive.letter_for_digit", _E,
        "“{text}” in “{column}” has a letter among its digits; not taken",
        "{count} cells of “{column}” have a letter among their digits ({examples}); not taken",
        "Perhaps the letter O was typed for 0, or l for 1. Correct the cell, and send the file again.",
    ),
    Verdict.UNCLEAR_NUMBER: Problem(
        "receive.unclear_number", _E,
        "“{text}” in “{column}” can be read as two different numbers; not taken",
        "{count} cells of “{column}” can be read as two different numbers ({examples}); not taken",
        "Is it a decimal mark or a thousands separator? Write the number without separators, and send the file again.",
    ),
    Verdict.NOT_EXACT: Problem(
        "receive.not_exact", _E,
        "“{text}” in “{column}” is not one exact number; not taken",
        "{count} cells of “{column}” are not one exact number ({examples}); not taken",
        "Write the number that was counted, without signs such as <, > or ~, and send the file again.",
    ),
    Verdict.SHEET_ERROR: Problem(
        "receive.sheet_error", _E,
        "“{column}” holds the spreadsheet error {text}; not taken",
        "{count} cells of “{column}” hold spreadsheet errors ({examples}); not taken",
        "Repair the formula, or write the number itself.",
    ),
    Verdict.DATE_FOR_NUMBER: Problem(
        "receive.date_for_number", _E,
        "“{column}” holds the date {text} where a number belongs; not taken",
        "{count} cells of “{column}” hold dates where numbers belong ({examples}); not taken",
        "The spreadsheet may have made a date of a number such as 3-14. Write the number, and send the file again.",
    ),
    Verdict.NOT_WHOLE: Problem(
        "receive.not_whole", _E,
        "“{text}” in “{column}” is not a whole number; not taken",
        "{count} cells of “{column}” are not whole numbers ({examples}); not taken",
        "Write a whole number, or declare the column as `number`.",
    ),
    Verdict.NOT_A_DATE: Problem(
        "receive.not_a_date", _E,
        "“{text}” in “{column}” is not a date; not taken",
        "{count} cells of “{column}” are not dates ({examples}); not taken",
        "Write dates as 2025-03-14.",
    ),
    Verdict.UNCLEAR_DATE: Problem(
        "receive.unclear_date", _E,
        "“{text}” in “{column}” can be read as two different days; not taken",
        "{count} cells of “{column}” can be read as two different days ({examples}); not taken",
        "Write dates as 2025-03-14, or declare `date_order: dmy` (or `mdy`) for the source.",
    ),
    Verdict.NO_SUCH_DAY: Problem(
        "receive.no_such_day", _E,
        "“{text}” in “{column}” is not a day of the calendar between 1900 and 2100; not taken",
        "{count} cells of “{column}” are not days of the calendar between 1900 and 2100 ({examples}); not taken",
        "Check day, month and year.",
    ),
    Verdict.NOT_YES_OR_NO: Problem(
        "receive.not_yes_or_no", _E,
        "“{text}” in “{column}” is neither yes nor no; not taken",
        "{count} cells of “{column}” are neither yes nor no ({examples}); not taken",
        "Write yes or no, 是 or 否, 1 or 0.",
    ),
    Verdict.NOT_A_CATEGORY: Problem(
        "receive.not_a_category", _E,
        "“{text}” is not a value of “{column}”; not taken",
        "“{text}” is not a value of “{column}” ({count} times); not taken",
        "Correct the file, or add the value to the declaration.",
        "Declared are {suggestion}.",
    ),
    Verdict.NOT_A_PERIOD: Problem(
        "receive.not_a_period", _E,
        "“{text}” in “{column}” is not a period; the row was not taken",
        "{count} cells of “{column}” are not periods ({examples}); the rows were not taken",
        "Write periods as {accepted}.",
    ),
    Verdict.OTHER_FREQUENCY: Problem(
        "receive.other_frequency", _E,
        "“{text}” in “{column}” is not a period of this dataset's frequency; the row was not taken",
        "{count} cells of “{column}” are periods of another frequency ({examples}); the rows were not taken",
        "Write periods as {accepted}.",
    ),
    Verdict.UNKNOWN_UNIT: Problem(
        "receive.unknown_unit", _E,
        "there is no unit “{text}”; the row was not taken",
        "there is no unit “{text}”; {count} rows were not taken",
        "Add the unit to the programme, or the spelling to the `aliases` of the source.",
        "Did you mean {suggestion}? Correct the file, or add the spelling to the `aliases` of the source.",
    ),
    Verdict.UNCLEAR_UNIT: Problem(
        "receive.unclear_unit", _E,
        "several units are called “{text}”; the row was not taken",
        "several units are called “{text}”; {count} rows were not taken",
        "Write the unit's code.",
        "Write the unit's code, or add the spelling to the `aliases` of the source: {suggestion}.",
    ),
    Verdict.OTHER_LEVEL: Problem(
        "receive.other_level", _E,
        "“{text}” is not a unit of the level that reports here; the row was not taken",
        "“{text}” is not a unit of the level that reports here; {count} rows were not taken",
        "Check the dataset's `level`.",
        "This dataset is reported by units of level {suggestion}.",
    ),
    Verdict.NOT_OPEN: Problem(
        "receive.unit_not_open", _E,
        "unit “{text}” did not stand at that time; the row was not taken",
        "unit “{text}” did not stand at that time; {count} rows were not taken",
        "Check the date, and when the unit opened or closed.",
        "Check the date. What the unit reported goes on at {suggestion}.",
    ),
    Verdict.IN_FUTURE: Problem(
        "receive.in_future", _E,
        "“{text}” in “{column}” lies after the day of receipt; the row was not taken",
        "{count} cells of “{column}” lie after the day of receipt ({examples}); the rows were not taken",
        "Check the year.",
    ),
    Verdict.UNKNOWN_ITEM: Problem(
        "receive.unknown_item", _E,
        "there is no item “{text}”; the row was not taken",
        "there is no item “{text}”; {count} rows were not taken",
        "Map it under `items` of the source.",
        "Did you mean {suggestion}? Map it under `items` of the source.",
    ),
    Verdict.UNDECLARED: Problem(
        "receive.undeclared_item", _W,
        "“{text}” is not among the declared items; the value was left out",
        "“{text}” is not among the declared items; {count} values were left out",
        "Map it under `items` of the source, or list it under `ignore`.",
    ),
    Verdict.OTHER_PART: Problem(
        "receive.unknown_combination", _E,
        "the option combination “{text}” is not mapped; the row was not taken",
        "the option combination “{text}” is not mapped; {count} rows were not taken",
        "Add it to `categories` of the source.",
    ),
    Verdict.REQUIRED_BLANK: Problem(
        "receive.required_blank", _E,
        "“{column}” is required and empty; the row was not taken",
        "“{column}” is required and empty in {count} rows; they were not taken",
        "Fill it in, and send the file again.",
    ),
    Verdict.CONFLICT: Problem(
        "receive.conflict", _E,
        "“{text}” is in the file more than once with different values; none of them was taken",
        "{count} rows are in the file more than once with different values ({examples}); none of them was taken",
        "Keep the right one, and send the file again. What was received before stays in force.",
    ),
    Verdict.TOTAL_ROW: Problem(
        "receive.total_row", _N,
        "row “{text}” is a total, not a unit; left out",
        "{count} rows “{text}” are totals, not units; left out",
    ),
    Verdict.MISFIT: Problem(
        "receive.misfit", _E,
        "the row has more cells than the file has columns; not taken",
        "{count} rows have more cells than the file has columns; not taken",
        "A separator inside a text needs quotation marks around the text.",
    ),
    Verdict.BELOW_MIN: Problem(
        "receive.below_min", _W,
        "{text} in “{column}” is below the declared {limit}; kept",
        "{count} values of “{column}” are below the declared {limit} ({examples}); kept",
        "Check them; send a corrected file when they are wrong.",
    ),
    Verdict.ABOVE_MAX: Problem(
        "receive.above_max", _W,
        "{text} in “{column}” is above the declared {limit}; kept",
        "{count} values of “{column}” are above the declared {limit} ({examples}); kept",
        "Check them; send a corrected file when they are wrong.",
    ),
    Verdict.FUTURE_STOCK: Problem(
        "receive.future_stock", _N,
        "the figure for {text} lies after the day of receipt; kept as an estimate",
        "{count} figures lie after the day of receipt ({examples}); kept as estimates",
    ),
    Verdict.REPEATED: Problem(
        "receive.repeated", _N,
        "“{text}” is in the file more than once with the same values; taken once",
        "{count} rows repeat others of the file ({examples}); taken once",
    ),
    Verdict.KEPT_EARLIER: Problem(
        "receive.kept_earlier", _N,
        "“{text}” is empty in this file but was reported before; the earlier value stays",
        "{count} values are empty in this file but were reported before ({examples}); the earlier values stay",
        "An empty cell deletes nothing. To correct a value, send the right one.",
    ),
    Verdict.OLDER_FILE: Problem(
        "receive.older_file", _N,
        "“{text}” was corrected after this file first came; the correction stays",
        "{count} values were corrected after this file first came ({examples}); the corrections stay",
    ),
    Verdict.DELETED: Problem(
        "receive.deleted", _N,
        "the sender deleted “{text}”; it no longer counts",
        "the sender deleted {count} values ({examples}); they no longer count",
    ),
}  # fmt: skip

BY_TEXT = frozenset(
    {
        Verdict.NOT_A_CATEGORY,
        Verdict.UNKNOWN_UNIT,
        Verdict.UNCLEAR_UNIT,
        Verdict.OTHER_LEVEL,
        Verdict.NOT_OPEN,
        Verdict.UNKNOWN_ITEM,
        Verdict.UNDECLARED,
        Verdict.OTHER_PART,
        Verdict.TOTAL_ROW,
    }
)
"""Verdicts of which there is one finding a spelling, not one a cell."""
