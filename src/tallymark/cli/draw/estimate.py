"""`tallymark draw estimate`: from the visits to the whole frame."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path
from typing import Any

import click

from tallymark.cli.accept import Place
from tallymark.cli.command import Command
from tallymark.cli.draw.folder import opened, revealed_in
from tallymark.cli.draw.returned import returned_rows
from tallymark.cli.speak import as_json, in_language, print_json, say, shown_language
from tallymark.errors import TallymarkError
from tallymark.findings import known_words
from tallymark.verify.sampling.commitment import differences
from tallymark.verify.sampling.designs import Drawn
from tallymark.verify.sampling.estimates import Estimate, Lot, estimate, lots
from tallymark.verify.sampling.frame import Frame

YES = {"yes": 1.0, "no": 0.0, "是": 1.0, "否": 0.0, "true": 1.0, "false": 0.0}


@click.command(cls=Command)
@click.argument("folder", type=Place())
@click.argument("returns", type=Place())
@click.option("--of", "of", required=True, help="Column to estimate: figures, or yes and no.")
@click.option("--per", "per", help="Column to divide by, for a ratio of totals.")
@click.option(
    "--least",
    type=float,
    help="The least a value can be; with --most, gives bounds that assume nothing of those missing.",
)
@click.option("--most", type=float, help="The most a value can be.")
@click.option("--upper", type=float, help="Lots: share right at which a lot is good.")
@click.option("--lower", type=float, help="Lots: share right at which a lot is bad.")
@as_json
@in_language
def command(
    folder: Path,
    returns: Path,
    of: str,
    per: str | None,
    least: float | None,
    most: float | None,
    upper: float | None,
    lower: float | None,
    as_json: bool,
    lang: str | None,
) -> int:
    """Estimate a figure of the whole frame from RETURNS, a CSV file or workbook: a row a visited unit (and period)."""
    language = shown_language(lang)
    frame, commitment = opened(folder)
    shown = revealed_in(folder)
    if differences(frame, commitment, shown):
        raise TallymarkError(
            "the sample in {folder} is not the one drawn; see: tallymark draw verify {folder}", folder=folder
        )
    sample = _sample(frame, shown["sample"])
    rows = returned_rows(returns)
    answers, outcomes = _answers(rows, of, returns), Counter(_outcomes(rows, sample).values())
    strangers = sorted({row["unit"] for row in rows} - {each.row.unit for each in sample})
    if strangers:
        raise TallymarkError(
            "{file}: {unit} was not drawn; units chosen otherwise cannot stand for others",
            file=returns,
            unit=strangers[0],
        )
    if upper is not None and lower is not None:
        judged = lots(sample, answers, frame, upper=upper, lower=lower)
        _say_lots(judged, outcomes, as_json=as_json, language=language)
        return 0
    limits = (least, most) if least is not None and most is not None else None
    found = estimate(
        frame,
        commitment.design,
        sample,
        answers,
        per=_answers(rows, per, returns) if per else None,
        limits=limits,
    )
    _say_estimates(found, outcomes, as_json=as_json, language=language)
    return 0


def _sample(frame: Frame, told: Sequence[Mapping[str, Any]]) -> list[Drawn]:
    rows = {row.unit: row for row in frame.rows}
    return [Drawn(rows[each["unit"]], int(each["order"]), Fraction(each["probability"])) for each in told]


def _answers(rows: Sequence[Mapping[str, str]], column: str, path: Path) -> dict[str, float | None]:
    """Each unit's value, summed over its rows; missing when any of them is."""
    if column not in rows[0]:
        raise TallymarkError(
            "{file} has no column '{column}'; {known}",
            file=path,
            column=column,
            known=known_words(column, rows[0]),
        )
    found: dict[str, float | None] = {}
    for line, row in enumerate(rows, 2):
        told = row[column]
        value = YES.get(told.lower())
        if value is None and told:
            try:
                value = float(told)
            except ValueError:
                raise TallymarkError(
                    "{file}:{line}: “{value}” is no number", file=path, line=line, value=told
                ) from None
        before = found.get(row["unit"], 0.0)
        found[row["unit"]] = None if value is None or before is None else before + value
    return found


def _outcomes(rows: Sequence[Mapping[str, str]], sample: Sequence[Drawn]) -> dict[str, str]:
    told = {row["unit"]: row.get("outcome") or "visited" for row in rows}
    return {each.row.unit: told.get(each.row.unit, "not_returned") for each in sample}


def _say_estimates(
    found: Sequence[Estimate], outcomes: Mapping[str, int], *, as_json: bool, language: str
) -> None:
    if as_json:
        print_json(
            {
                "estimates": [asdict(each) | {"response": each.response} for each in found],
                "outcomes": dict(outcomes),
            }
        )
        return
    for each in found:
        say(
            "{of}: {value:,.4g} (95 %: {low:,.4g} – {high:,.4g}; standard error {se:,.3g})",
            language,
            **{name: getattr(each, name) for name in ("of", "value", "low", "high", "se")},
        )
        if each.worst:
            say(
                "   whatever those missing are: {low:,.4g} – {high:,.4g}",
                language,
                low=each.worst[0],
                high=each.worst[1],
            )
    say(
        "drawn: {drawn}; answered: {answered} ({response:.1%}); {outcomes}",
        language,
        drawn=found[0].drawn,
        answered=found[0].answered,
        response=found[0].response,
        outcomes=_told(outcomes),
    )
    if found[0].answered < found[0].drawn:
        say(
            "those that answered stand here for those that did not; that is an assumption, not a finding",
            language,
        )


def _say_lots(judged: Sequence[Lot], outcomes: Mapping[str, int], *, as_json: bool, language: str) -> None:
    if as_json:
        print_json({"lots": [asdict(each) for each in judged], "outcomes": dict(outcomes)})
        return
    for each in judged:
        say(
            "{lot}: {verdict} ({right} right of {answered} answered, {drawn} drawn; at least {decision} pass; "
            "α {alpha:.1%}, β {beta:.1%})",
            language,
            **asdict(each),
        )
    say("what came of the visits: {outcomes}", language, outcomes=_told(outcomes))


def _told(outcomes: Mapping[str, int]) -> str:
    return ", ".join(f"{outcome} {count}" for outcome, count in sorted(outcomes.items()))
