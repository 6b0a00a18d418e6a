"""What was asked for: a word that must be known, a period of the programme's calendar, the run before a run."""

from __future__ import annotations

from collections.abc import Iterable

from tallymark.errors import AssessmentError
from tallymark.findings import known_words
from tallymark.model.periods import Period, PeriodError
from tallymark.programme.resolved import Programme
from tallymark.store.runs import Run, runs_in
from tallymark.texts import Message

YEARS = 3
TREND_YEARS = 2
REVIEWED = 4
"""Years that a data quality review compares: this one and the three before."""


def assessed_periods(programme: Programme, period: Period) -> tuple[Period, ...]:
    """The period and the same one in the two years before; the shorter declared periods of it and the year before.

    As many years more as an indicator puts together, so that each of them can be looked up.
    """
    calendar = programme.calendar
    years = [period]
    reviewed = REVIEWED if programme.review is not None else 1
    for _ in range(max(YEARS, reviewed, *(one.pooled for one in programme.indicators.values()), 1) - 1):
        years.append(calendar.last_year(years[-1]))
    found = {span.code: span for span in years}
    for frequency in calendar.frequencies:
        if frequency in ("day", "week"):
            continue
        for span in years[:TREND_YEARS]:
            found.update({inner.code: inner for inner in calendar.within(span, frequency)})
    return tuple(sorted(found.values(), key=lambda span: (span.start, span.end, span.code)))


def previous_run(run: Run) -> Run | None:
    """The run of the same contract, period and mode that was made before this one, if any."""
    same = [
        other
        for other in runs_in(run.path.parent)
        if all(other.manifest[key] == run.manifest[key] for key in ("contract", "period", "mode"))
        and other.id != run.id
        and other.manifest["data_version"] <= run.manifest["data_version"]
        and str(other.manifest["made_at"]) <= str(run.manifest["made_at"])
    ]
    return same[-1] if same else None


def period_of(programme: Programme, code: str) -> Period:
    """The period of whole months that a code means in the programme's calendar; AssessmentError says what is accepted."""
    try:
        period = programme.calendar.parse(code)
        programme.calendar.months(period)
        assessed_periods(programme, period)
    except PeriodError as error:
        raise AssessmentError("{problem}", problem=error) from None
    except (ValueError, OverflowError):
        raise AssessmentError("period '{period}' lies outside the calendar", period=code) from None
    return period


def must_be_known(kind: Message, word: str, known: Iterable[str]) -> None:
    """Nothing when the word is among those known; AssessmentError with did-you-mean when it is not."""
    names = list(known)
    if word not in names:
        raise AssessmentError(
            "there is no {kind} '{word}'; {known}", kind=kind, word=word, known=known_words(word, names)
        )
