"""Direct and indirect standardisation against PHEindicatormethods' spreadsheets and its output, and epitools' Fay–Feuer."""

from __future__ import annotations

import numpy as np
import pytest
from tests.oracle.columns import groups, numbers, oracle, rows

from tallymark.statistics import (
    directly_standardised_rate,
    poisson_interval,
    repeated_events,
    standardised_ratio,
)

PHE, here = oracle("phe")
EPITOOLS, also_here = oracle("funnel_eb")
pytestmark = [here, also_here]
LEVELS = (("95_0cl", 0.95), ("99_8cl", 0.998))


def _expected(name: str, per: str) -> dict[str, dict[str, str]]:
    return {row["area"]: row for row in rows(PHE / name) if row["statistic"].endswith(per)}


@pytest.mark.parametrize("factor", [10_000, 100_000])
@pytest.mark.parametrize("area", ["testdata_big", "testdata_small"])
def test_direct_rates_are_those_of_the_spreadsheet(area: str, factor: int) -> None:
    table = groups(rows(PHE / "DSR_ISR__multiarea.csv"), "area")[(area,)]
    want = _expected("DSR_ISR__testresults_DSR.csv", f"per {factor}")[area]
    _compare(
        (numbers(table, "count"), numbers(table, "pop"), numbers(rows(PHE / "esp2013.csv"), "esp2013")),
        want,
        factor,
        1e-10,
    )


def test_direct_rate_of_1976() -> None:
    """The two limits at 99.8 % that the file has ten times too large are left out, as its notes say."""
    table = rows(PHE / "DSR_ISR__1976.csv")
    want = _expected("DSR_ISR__testresults_DSR.csv", "per 100000")["testdata_1976"]
    given = tuple(numbers(table, name) for name in ("count", "pop", "esp1976"))
    rate, low, high = directly_standardised_rate(*given)
    got = np.multiply([rate, low, high], 100_000)
    np.testing.assert_allclose(
        got, [float(want[key]) for key in ("value", "lower95_0cl", "upper95_0cl")], rtol=1e-10
    )


def test_direct_rates_are_the_peers_to_the_last_digits() -> None:
    tables = groups(rows(PHE / "DSR_ISR__multiarea.csv"), "area")
    standard = numbers(rows(PHE / "esp2013.csv"), "esp2013")
    for want in rows(PHE / "peer__dsr_multiarea.csv")[:2]:
        table = tables[(want["area"],)]
        _compare((numbers(table, "count"), numbers(table, "pop"), standard), want, 100_000, 1e-12)


def test_many_areas_at_once_are_as_one_by_one() -> None:
    tables = groups(rows(PHE / "DSR_ISR__multiarea.csv"), "area")
    standard = numbers(rows(PHE / "esp2013.csv"), "esp2013")
    events, people = (
        np.array([np.nan_to_num(numbers(table, name)) for table in tables.values()])
        for name in ("count", "pop")
    )
    together = np.array(directly_standardised_rate(events, people, standard))
    single = np.array(
        [directly_standardised_rate(x, n, standard) for x, n in zip(events, people, strict=True)]
    )
    np.testing.assert_array_equal(together.T, single)


def test_few_events_get_a_rate_and_the_peer_gives_none() -> None:
    """Nine events: blank in the peer. Here exact limits, which hold the rate and widen as events become fewer."""
    table = groups(rows(PHE / "DSR_ISR__multiarea.csv"), "area")[("testdata_tiny",)]
    events, people = np.nan_to_num(numbers(table, "count")), numbers(table, "pop")
    standard = numbers(rows(PHE / "esp2013.csv"), "esp2013")
    assert rows(PHE / "peer__dsr_multiarea.csv")[2]["value"] == ""
    assert events.sum() == 9
    rate, low, high = directly_standardised_rate(events, people, standard)
    exact_low, exact_high = poisson_interval(9)
    step = np.sqrt(((standard / standard.sum() / people) ** 2 * events).sum() / 9)
    assert rate * 1e5 == pytest.approx((events / people * standard).sum())
    assert (low, high) == pytest.approx((rate + step * (exact_low - 9), rate + step * (exact_high - 9)))
    fay_low, fay_high = directly_standardised_rate(events, people, standard, method="fay-feuer")[1:]
    assert 0 < fay_low < rate < fay_high


def test_events_that_repeat_in_one_person() -> None:
    standard = numbers(rows(PHE / "esp2013.csv"), "esp2013")
    wanted = {row["area"]: row for row in rows(PHE / "peer__dsr_nonind.csv")[:3]}
    typed = _expected("DSR_ISR__testresults_DSR.csv", "per 100000")
    table = rows(PHE / "DSR_ISR__nonind_long_input.csv")
    for area, want in wanted.items():
        own = groups([row for row in table if row["area"] == area], "ageband")
        times = [np.nan_to_num(numbers(age, "freq")) for age in own.values()]
        persons = [np.nan_to_num(numbers(age, "persons")) for age in own.values()]
        events, variance = np.array([repeated_events(p, f) for p, f in zip(persons, times, strict=True)]).T
        people = np.array([float(age[0]["pop"]) for age in own.values()])
        for level in LEVELS:
            _compare((events, people, standard), want, 100_000, 1e-12, variance, [level])
            _compare((events, people, standard), typed[area], 100_000, 1e-10, variance, [level])


def _compare(given, want, factor, within, variance=None, levels=LEVELS) -> None:  # type: ignore[no-untyped-def]
    for suffix, level in levels:
        got = directly_standardised_rate(*given, level=level, event_variance=variance)
        columns = ("value", f"lower{suffix}", f"upper{suffix}")
        np.testing.assert_allclose(
            np.multiply(got, factor), [float(want[name]) for name in columns], rtol=within
        )


def test_fay_feuer_is_that_of_epitools() -> None:
    table, want = rows(EPITOOLS / "fayfeuer_input.csv"), rows(EPITOOLS / "fayfeuer_expected.csv")[0]
    got = directly_standardised_rate(
        *(numbers(table, name) for name in ("count", "pop", "stdpop")), method="fay-feuer"
    )
    np.testing.assert_allclose(got, [float(want[name]) for name in ("adj", "lci", "uci")], rtol=1e-12)


@pytest.mark.parametrize("file", ["DSR_ISR__err1.csv", "DSR_ISR__err3.csv", "DSR_ISR__err4.csv"])
def test_what_the_peer_refuses_is_nan(file: str) -> None:
    table = rows(PHE / file)
    got = directly_standardised_rate(*(numbers(table, name) for name in ("count", "pop", "stdpop")))
    assert np.isnan(got).all()


def test_indirect_rates_and_ratios() -> None:
    reference = rows(PHE / "DSR_ISR__refdata.csv")
    cases, whole = np.nan_to_num(numbers(reference, "refcount")), numbers(reference, "refpop")
    tables = groups(rows(PHE / "DSR_ISR__multiarea.csv"), "area")
    tables |= groups(rows(PHE / "DSR_ISR__err2.csv"), "area")
    for want in rows(PHE / "DSR_ISR__testresults_ISR.csv"):
        table = tables[(want["area"],)]
        events, people = np.nan_to_num(numbers(table, "count")), numbers(table, "pop")
        factor = float(want["ref_rate"]) if want["ref_rate"] else float(want["statistic"].split()[-1])
        method = {"Byars": "byar", "Exact": "exact"}[want["method"]]
        for suffix, level in LEVELS:
            if not want[f"lower{suffix}"]:
                continue
            for observed in (events, events.sum()):
                got = standardised_ratio(observed, people, cases, whole, level=level, method=method)
                columns = ("value", f"lower{suffix}", f"upper{suffix}")
                wanted = [float(want[name]) for name in columns]
                np.testing.assert_allclose(np.multiply(got, factor), wanted, rtol=1e-12)
