"""Standard populations cut into the age groups of data."""

from __future__ import annotations

import pytest

from tallymark.statistics.standards import STANDARDS, StandardError, standard_weights

FIVES = [f"{age}-{age + 4}" for age in range(0, 95, 5)]


def test_published_totals() -> None:
    """Ahmad and others 2001 print percentages that add up to 100.035; Eurostat's are of 100,000."""
    assert sum(STANDARDS["who-2000-2025"]) == pytest.approx(100.035)
    assert sum(STANDARDS["esp-2013"]) == 100_000
    assert standard_weights("esp-2013", ["85-89", "90+"]) == {"85-89": 1_500, "90+": 1_000}
    assert standard_weights("who-2000-2025", ["85+"])["85+"] == pytest.approx(0.635)


@pytest.mark.parametrize("standard", STANDARDS)
def test_groups_put_together_weigh_as_their_parts(standard: str) -> None:
    fine, coarse = (
        standard_weights(standard, [*FIVES, "95+"]),
        standard_weights(standard, ["0-14", "15–64", "65+"]),
    )
    assert sum(fine.values()) == pytest.approx(sum(coarse.values()))
    assert coarse["0-14"] == pytest.approx(sum(fine[group] for group in FIVES[:3]))
    assert standard_weights(standard, ["0至14岁", "65岁及以上"])["65岁及以上"] == pytest.approx(coarse["65+"])


@pytest.mark.parametrize(
    ("groups", "problem"),
    [
        (["0-3"], "'0-3' cuts through"),
        (["1-4"], "'1-4' cuts through"),
        (["120+"], "'120+' cannot be read as ages"),
        (["old"], "'old' cannot be read as ages"),
        (["85-84"], "'85-84' cannot be read as ages"),
        (["0-9", "5-14"], "'0-9' and '5-14' overlap"),
        (["5+", "85+"], "'5+' and '85+' overlap"),
    ],
)
def test_groups_that_do_not_fit_are_named(groups: list[str], problem: str) -> None:
    with pytest.raises(StandardError, match=problem.replace("+", r"\+")):
        standard_weights("esp-2013", groups)
