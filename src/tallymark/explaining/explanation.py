"""An explanation of one figure, as a value: everything an auditor asks, in order, as JSON or as text in two languages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from tallymark.model.text import Text
from tallymark.texts import told, translate

PLACE = ("dataset", "_source_row", "_batch", "_row")
"""Columns of a row that say where it came from."""
SMALL = {
    "few_cases": "too few cases",
    "few_events": "too few events, or too few cases without the event",
    "wide_interval": "the interval is too wide",
}
HEARD = (
    "a value counts only once its unit answered or its {days} days to answer are over, and what it put right itself "
    "costs nothing"
)
Row = Mapping[str, Any]
Say = Callable[..., str]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Where a figure comes from. Rows of lists are plain mappings, named in `docs/reference/explanation.md`."""

    run: str
    mode: str
    unit: str
    unit_name: Text
    period: str
    indicator: str
    title: Text
    description: Text
    in_words: Text
    in_symbols: str
    unit_of_measure: Text
    decimals: int
    figure: Row
    """value, low, high, numerator, denominator, expected, received, usable, basis, comparisons."""
    years: Sequence[Row]
    ages: Sequence[Row]
    parts: Sequence[Row]
    weights: Row | None
    differences: Sequence[Row]
    measures: Sequence[Row]
    children: Sequence[Row]
    within: Sequence[Row]
    batches: Sequence[Row]
    rows: Sequence[Row]
    corrections: Sequence[Row]
    findings: Sequence[Row]
    points: Sequence[Row]
    gates: Sequence[Row]
    change: Row | None

    def as_dict(self) -> dict[str, Any]:
        """The explanation for JSON readers."""
        return asdict(self)

    def text(self, language: str = "en") -> str:
        """The explanation to be read, in `language`."""
        return "\n".join(_lines(self, language))

    def __str__(self) -> str:
        return self.text("en")


def number(value: float | None, decimals: int = 2) -> str:
    """A number for people: thousands apart, no trailing zeros; a dash when there is none."""
    if value is None:
        return "–"
    shown = f"{value:,.{decimals}f}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def _lines(it: Explanation, language: str) -> Iterator[str]:
    def say(message: str, **values: Any) -> str:
        return translate(message, language).format_map(values)

    if it.mode != "official":
        yield say("REHEARSAL — not an official result")
    yield f"{it.title[language]} — {it.unit_name[language]} ({it.unit}), {it.period}"
    yield from _figure(it, language, say)
    listed = partial(_list, say)
    yield from listed(say("Years put together"), it.years, lambda row: _year(row, say))
    yield from listed(say("By age (rate × weight)"), it.ages, lambda row: _age(row, it.decimals, say))
    yield from listed(say("Put together from"), it.parts, lambda row: _composed(row, language, say))
    if it.weights:
        yield from _moves(it.weights, it.decimals, say)
    yield from listed(say("What differs"), it.differences, lambda row: _difference(row, it.decimals, say))
    yield from listed(say("Counted from"), it.measures, lambda row: _measure(row, language, say))
    yield from listed(
        say("Units below"), it.children, lambda row: _part(row, row["name"][language], it.decimals, say)
    )
    yield from listed(
        say("Periods within"), it.within, lambda row: _part(row, row["period"], it.decimals, say)
    )
    yield from listed(say("Received in"), it.batches, lambda row: _batch(row, say))
    yield from listed(say("Rows (first ones)"), it.rows, lambda row: _row(row, say))
    yield from listed(say("Corrections"), it.corrections, lambda row: _correction(row, say))
    yield from listed(say("Findings"), it.findings, lambda row: _finding(row, language))
    yield from listed(say("Points"), it.points, lambda row: _points(row, language))
    yield from listed(say("Gates"), it.gates, lambda row: gate_line(row, language))
    if it.change:
        yield _change(it.change, it.decimals, say)


def _figure(it: Explanation, language: str, say: Say) -> Iterator[str]:
    figure = it.figure
    of_measure = it.unit_of_measure[language]
    value = number(figure["value"], it.decimals) if figure["value"] is not None else say("missing")
    interval = (
        say(
            " (95 % interval {low} to {high})",
            low=number(figure["low"], it.decimals),
            high=number(figure["high"], it.decimals),
        )
        if figure["low"] is not None
        else ""
    )
    yield f"  {value} {of_measure}{interval}".rstrip()
    yield f"  = {it.in_words[language]}"
    yield f"  = {it.in_symbols}"
    if it.ages:
        yield "  " + say(
            "all ages together, without weights: {events} among {people}",
            events=number(figure["numerator"]),
            people=number(figure["denominator"]),
        )
        outside = (figure["numerator"] or 0) - sum(row["numerator"] or 0 for row in it.ages)
        if outside > 0.5:
            yield "  " + say("{events} of them are of no age that counts", events=number(outside))
    elif figure["denominator"] is not None:
        yield f"  = {number(figure['numerator'])} ÷ {number(figure['denominator'])}"
    if it.parts:
        yield "  " + say("basis: {basis}", basis=translate(figure["basis"] or "missing", language))
        return
    yield say(
        "  basis: {basis}; reports: {expected} due, {received} received, {usable} usable",
        basis=translate(figure["basis"] or "missing", language),
        expected=number(figure["expected"]),
        received=number(figure["received"]),
        usable=number(figure["usable"]),
    )
    yield from _beside(it, say)


def _beside(it: Explanation, say: Say) -> Iterator[str]:
    """What stands beside the figure: shrunk, too small, what it is compared with."""
    figure = it.figure
    if figure.get("shrunk") is not None:
        yield "  " + say(
            "drawn towards like units by how noisy it is: {value} ({low} to {high})",
            value=number(figure["shrunk"], it.decimals),
            low=number(figure["shrunk_low"], it.decimals),
            high=number(figure["shrunk_high"], it.decimals),
        )
    if figure.get("small"):
        yield "  " + say(
            "too small to be published by itself or scored: {reason}", reason=say(SMALL[figure["small"]])
        )
    for name, words in (
        ("previous", "previous period"),
        ("last_year", "same period last year"),
        ("three_year_mean", "mean of the last three years"),
    ):
        if figure.get(name) is not None:
            yield "  " + say("{name}: {value}", name=say(words), value=number(figure[name], it.decimals))
    if figure.get("benchmark") is not None and figure.get("against_95"):
        sure = figure["against_998"] in ("better", "worse")
        yield "  " + say(
            "benchmark {value}: {side} at {level}",
            value=number(figure["benchmark"], it.decimals),
            side=say(figure["against_95"]),
            level="99.8 %" if sure else "95 %",
        )


def _composed(row: Row, language: str, say: Say) -> str:
    title, share = row["title"][language], number(100 * row["weight"], 1)
    if row["value"] is None:
        return say("{title}: missing, so there is no value; weight {share} %", title=title, share=share)
    values = {"value": number(row["value"], row["decimals"]), "scaled": number(row["scaled"], 3)}
    return say("{title}: {value}, scaled {scaled}; weight {share} %", title=title, share=share, **values)


def _moves(row: Row, decimals: int, say: Say) -> Iterator[str]:
    """What other weights would do; nothing where there is no value."""
    if row["rank"] is None:
        return
    yield say("Rank {rank} of {of} in the level", rank=number(row["rank"]), of=number(row["of"]))
    if row["rank_low"] is not None:
        keys = ("rank_low", "rank_high", "rank_best", "rank_worst")
        values = {key: number(row[key]) for key in keys}
        yield "  " + say(
            "if each part weighed up to {spread} % more or less: rank {rank_low} to {rank_high} with 95 % of the "
            "weights, {rank_best} to {rank_worst} with any; value {low} to {high}",
            spread=number(100 * row["spread"]),
            low=number(row["value_low"], decimals),
            high=number(row["value_high"], decimals),
            **values,
        )


def _year(row: Row, say: Say) -> str:
    if row["denominator"] is None or row["numerator"] is None:
        return say("{period}: missing", period=row["period"])
    parts = {name: number(row[name]) for name in ("numerator", "denominator")}
    if not row["used"]:
        return say("{period}: {numerator} of {denominator}, not put in", period=row["period"], **parts)
    return say("{period}: {numerator} of {denominator}", period=row["period"], **parts)


def _list(say: Say, heading: str, rows: Sequence[Row], line: Callable[[Row], str]) -> Iterator[str]:
    if rows:
        yield say("{heading}:", heading=heading)
        for row in rows:
            yield f"  {line(row)}"


def _difference(row: Row, decimals: int, say: Say) -> str:
    """`migrants against residents: 8.2 lower (5.1 to 11.3); ratio 0.9 (0.87 to 0.94)`."""
    lower = row["told"] == "lower"
    ends = [-row["high"], -row["low"]] if lower else [row["low"], row["high"]]
    apart = say(
        {"higher": "{size} higher ({low} to {high})", "lower": "{size} lower ({low} to {high})"}.get(
            row["told"], "cannot be told apart: {size} ({low} to {high})"
        ),
        size=number(abs(row["difference"]) if row["told"] != "similar" else row["difference"], decimals),
        low=number(ends[0], decimals),
        high=number(ends[1], decimals),
    )
    if row["ratio"] is not None and row["ratio_high"] is not None:
        values = {key: number(row[key]) for key in ("ratio", "ratio_low", "ratio_high")}
        apart += say("; ratio {ratio} ({ratio_low} to {ratio_high})", **values)
    who = row["category"] or row["period"]
    return say("{group} against {other}: {apart}", group=who, other=row["against"], apart=apart)


def _age(row: Row, decimals: int, say: Say) -> str:
    if row["adds"] is None:
        return say("{group}: missing, so there is no rate of all ages", group=row["category"])
    return say(
        "{group}: {numerator} ÷ {denominator} → {rate}, × {weight} = {adds}",
        group=row["category"],
        numerator=number(row["numerator"]),
        denominator=number(row["denominator"]),
        rate=number(row["value"], decimals + 1),
        weight=number(row["weight"], 4),
        adds=number(row["adds"], decimals + 2),
    )


def _measure(row: Row, language: str, say: Say) -> str:
    where = f" [{row['where']}]" if row["where"] else ""
    reports = say(
        "{usable} of {expected} reports", usable=number(row["usable"]), expected=number(row["expected"])
    )
    counted = f"{row['dataset']}: {told(row['counts'], language)}{where}"
    return f"{row['title'][language]} ({row['measure']}): {number(row['value'])} — {counted}; {reports}"


def _part(row: Row, name: str, decimals: int, say: Say) -> str:
    value = number(row["value"], decimals)
    if row["denominator"] is None:
        return say("{name}: {value}", name=name, value=value)
    quotient = f"{number(row['numerator'])} ÷ {number(row['denominator'])} = {value}"
    return say("{name}: {value}", name=name, value=quotient)


def _batch(row: Row, say: Say) -> str:
    return say(
        "batch {batch}, {file}, {received_at}: {rows} rows of {dataset}, {corrected} of them corrections",
        **{key: row[key] for key in ("batch", "file", "received_at", "rows", "dataset", "corrected")},
    )


def _row(row: Row, say: Say) -> str:
    values = (f"{key}={value}" for key, value in row.items() if key not in PLACE and value is not None)
    place = {"dataset": row["dataset"], "batch": row["_batch"], "place": row["_source_row"]}
    return say("{dataset}, batch {batch}, row {place}: {values}", values=", ".join(values), **place)


def _correction(row: Row, say: Say) -> str:
    values = {key: row[key] for key in ("where", "old", "new", "batch", "reason")}
    if row["new"] is None:
        return say("{where}: {old} was withdrawn with batch {batch} ({reason})", **values)
    return say("{where}: {old} became {new} with batch {batch} ({reason})", **values)


def _finding(row: Row, language: str) -> str:
    message = row["message_zh"] if language == "zh" and row["message_zh"] else row["message"]
    place = " ".join(str(row[key]) for key in ("unit", "period", "item") if row[key])
    return f"{translate(row['severity'], language)} {row['code']} {place}: {message}"


def _points(row: Row, language: str) -> str:
    points = "–" if row["points"] is None else number(row["points"])
    return f"{row['title'][language]}: {points} / {number(row['available'])} — {row['arithmetic'][language]}"


def gate_line(row: Row, language: str) -> str:
    """A gate in one line: whether it bites, on what, and how to appeal."""

    def say(message: str, **values: Any) -> str:
        return translate(message, language).format_map(values)

    bites = say("bites") if row["bites"] else say("does not bite")
    parts = [f"{row['title'][language]}: {bites} — {row['condition'][language]}"]
    if row["counted"] is not None:
        parts.append(
            say("{n} of {all} recounted values count", n=number(row["counted"]), all=number(row["recounted"]))
        )
    if row["answer_days"] is not None:
        parts.append(say(HEARD, days=row["answer_days"]))
    if row["appeal"][language]:
        parts.append(say("appeal: {how}", how=row["appeal"][language]))
    return "; ".join(parts)


def _change(change: Row, decimals: int, say: Say) -> str:
    return say(
        "Since run {run}: {before} then, {now} now; batches since: {batches}; {causes}",
        run=change["run"],
        before=number(change["before"], decimals),
        now=number(change["now"], decimals),
        batches=", ".join(str(batch) for batch in change["batches"]) or "–",
        causes=", ".join(say(cause) for cause in change["causes"]) or say("the same inputs"),
    )
