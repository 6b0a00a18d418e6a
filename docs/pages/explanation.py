"""The JSON of an explanation: every part and key. A test holds the keys against a real explanation."""

from __future__ import annotations

from dataclasses import fields

from docs.pages.markdown import code, page, table

from tallymark.explaining import Explanation

INTRO = """`tallymark explain RUN --indicator … --unit … --json`, in Python `tm.explain(run, …).as_dict()`. Texts are
`{"en": …, "zh": …}`. Lists are empty where there is nothing to say; rows and corrections are empty when the run
was taken away from its store."""
FIGURES = {
    "value": "the figure",
    "numerator": "numerator",
    "denominator": "denominator",
    "basis": "what it rests on",
}
REPORTS = {"expected": "reports due", "received": "reports received", "usable": "reports with a usable value"}
PARTS: dict[str, tuple[str, dict[str, str]]] = {
    "run": ("the run's id", {}),
    "mode": ("`official` or `rehearsal`", {}),
    "unit": ("unit code", {}),
    "unit_name": ("the unit's name", {}),
    "period": ("period code", {}),
    "indicator": ("indicator", {}),
    "title": ("the indicator's title", {}),
    "description": ("the indicator's description", {}),
    "in_words": ("the formula with titles", {}),
    "in_symbols": ("the formula with codes", {}),
    "unit_of_measure": ("what the figure is in", {}),
    "decimals": ("decimals shown", {}),
    "figure": (
        "the figure itself",
        FIGURES
        | REPORTS
        | {
            "low": "lower end of the interval",
            "high": "upper end of the interval",
            "previous": "previous period",
            "last_year": "same period last year",
            "three_year_mean": "mean of the last three years",
            "shrunk": "drawn towards the values of like units, where declared",
            "shrunk_low": "lower end of the drawn value's interval",
            "shrunk_high": "upper end of the drawn value's interval",
            "small": "why it is too small to be published by itself or scored, if it is",
            "benchmark": "what it is compared with, as declared",
            "against_95": "better, similar or worse than the benchmark, by the 95 % interval",
            "against_998": "the same by the 99.8 % interval",
            "years": "years put together, where pooling is declared",
        },
    ),
    "years": (
        "of a figure of several years: numerator and denominator of each as reported, the latest first",
        {
            "period": "the same period of that year",
            "numerator": "numerator; null where the year is missing or not in the run",
            "denominator": "denominator",
            "used": "whether the year is in the figure",
        },
    ),
    "ages": (
        "of a directly standardised rate: what each group adds",
        {
            "category": "group",
            "weight": "its share of the standard population",
            "adds": "rate × weight; they add up to the figure",
        }
        | FIGURES,
    ),
    "parts": (
        "of a composite indicator: what is put together",
        {
            "indicator": "indicator",
            "title": "its title",
            "value": "its figure; null where it is missing, and then there is no composite",
            "scaled": "the figure on the common scale, more being better",
            "weight": "its share of the weights",
            "decimals": "decimals shown of the figure",
        },
    ),
    "weights": (
        "of a composite indicator: how it would move under other weights",
        {
            "rank": "rank in the level",
            "of": "units of the level that have a value",
            "spread": "share by which each weight is larger or smaller, at most",
            "value_low": "lower end of the values of 95 % of the weights",
            "value_high": "upper end",
            "rank_low": "better end of the ranks of 95 % of the weights",
            "rank_high": "worse end",
            "rank_best": "no weights within the spread give a better rank",
            "rank_worst": "no weights within the spread give a worse rank",
            "same_rank": "share of the weights under which the rank stays",
        },
    ),
    "differences": (
        "of the run's own period: change from a year before, and gaps between groups",
        {
            "period": "period",
            "breakdown": "column whose groups are compared; empty for a change",
            "category": "group",
            "against": "period or group that it is compared with",
            "value": "figure",
            "other": "figure that it is compared with",
            "difference": "figure − the other",
            "low": "lower end of the difference's interval",
            "high": "upper end",
            "ratio": "figure ÷ the other",
            "ratio_low": "lower end of the ratio's interval",
            "ratio_high": "upper end",
            "q": "p, adjusted for all units and groups compared at once",
            "told": "higher, lower or similar",
        },
    ),
    "measures": (
        "what it is made from",
        {
            "measure": "measure",
            "title": "its title",
            "dataset": "dataset",
            "counts": "what is counted",
            "where": "condition",
            "value": "its value",
            "basis": "what it rests on",
        }
        | REPORTS,
    ),
    "children": ("the figure of each unit directly below", {"unit": "unit", "name": "its name"} | FIGURES),
    "within": ("the figure of each month in the period", {"period": "period"} | FIGURES),
    "batches": (
        "deliveries that the unit's data of the run's period came in",
        {
            "dataset": "dataset",
            "batch": "batch",
            "file": "file name",
            "hash": "its sha256",
            "received_at": "when",
            "rows": "rows in force",
            "corrected": "of which correct an earlier row",
        },
    ),
    "rows": (
        "first rows behind the figure, with the dataset's own columns; personal ones are covered",
        {
            "dataset": "dataset",
            "_source_row": "row (or sheet!row) in the file",
            "_batch": "batch",
            "_row": "row in the batch",
        },
    ),
    "corrections": (
        "rows that a later batch replaced or withdrew",
        {
            "where": "unit, time and item; for events the key, where it may be seen",
            "old": "old value; for events the columns that differ, personal ones covered",
            "new": "new one; null when it was withdrawn",
            "batch": "batch that did it",
            "reason": "why",
        },
    ),
    "findings": (
        "what was found wrong with what it is made from",
        {
            "code": "stable code",
            "severity": "severity",
            "unit": "unit",
            "period": "period",
            "item": "item",
            "sheet": "sheet",
            "cell": "cell",
            "message": "what is wrong",
            "message_zh": "the same in Chinese",
        },
    ),
    "points": (
        "lines of the contract that score it",
        {
            "contract": "contract",
            "line": "line",
            "title": "its title",
            "points": "points earned",
            "available": "points to be had",
            "status": "scored, missing, set_aside, refused or not_applicable",
            "arithmetic": "how the points came about",
        },
    ),
    "gates": (
        "gates of the contract on verdicts, and those that read it",
        {
            "contract": "contract",
            "gate": "gate",
            "title": "its title",
            "bites": "whether it bites",
            "condition": "when it does, in words",
            "counted": "values that a gate on verdicts counts against the unit and those below it",
            "recounted": "of how many that were recounted and settled",
            "answer_days": "days to answer before a value counts",
            "appeal": "how to appeal",
        },
    ),
    "change": (
        "what is new since the run before (null for the first)",
        {
            "run": "the run before",
            "before": "the figure then",
            "now": "the figure now",
            "batches": "batches since",
            "causes": "what differs between the two",
        },
    ),
}


def explanation_page() -> str:
    """docs/reference/explanation.md."""
    assert list(PARTS) == [field.name for field in fields(Explanation)], "a part is not explained"
    parts = [
        INTRO,
        table(("key", "meaning"), [(code(name), meaning) for name, (meaning, _) in PARTS.items()]),
    ]
    for name, (meaning, keys) in PARTS.items():
        if keys:
            parts += [f"## `{name}`", f"{meaning[:1].upper()}{meaning[1:]}."]
            parts.append(table(("key", "meaning"), [(code(key), words) for key, words in keys.items()]))
    return page("Explanations as JSON", *parts)
