"""Where a peer's answer is wrong or weaker: its own formula beside ours, with numbers. Told in docs/methods/peers.md."""

from __future__ import annotations

from math import comb

import numpy as np
import pytest
from scipy import stats
from tests.unit.measure import small

from tallymark.publish.disclose import at_risk, attack, cells_of, suppress
from tallymark.statistics import (
    design_effect,
    funnel_limits,
    lqas_errors,
    lqas_rule,
    proportion_interval,
    sample_size_proportion,
)


def _sleacr_cumulative(k: int, m: int, n: int, lot: int) -> float:
    """P(at most k of n) as R's sleacr has it (before 0.1.0, and unexported since): a sum over i that uses k, with n for m."""
    del m  # never used there
    return sum(comb(n, k) * comb(lot - n, n - k) / comb(lot, n) for _ in range(k + 1))


def test_lqas_errors_that_do_not_depend_on_coverage() -> None:
    """40 of a lot of 600, good 90 %, bad 70 %, failing with 32 or fewer: 3.6 % and 4.9 %, not 0 and 100 %."""
    good, bad = (_sleacr_cumulative(32, cases, 40, 600) for cases in (540, 420))
    assert good == bad, "the same for every coverage: no rule can tell lots apart"
    assert good < 1e-35
    alpha, beta = lqas_errors(40, 33, 0.9, 0.7, population=600)
    assert alpha == pytest.approx(stats.hypergeom.cdf(32, 600, 540, 40), rel=1e-10)
    assert beta == pytest.approx(stats.hypergeom.sf(32, 600, 420, 40), rel=1e-10)
    assert (alpha, beta) == pytest.approx((0.0364, 0.0494), abs=5e-5)
    assert tuple(lqas_rule(40, 0.9, 0.7, population=600)) == pytest.approx((33, alpha, beta))


def test_lqas_by_its_own_example() -> None:
    """sleacr's example of the function, 5 of 25 where 600 of 10,000 are cases: 2 in 100 million, in truth 99.7 %."""
    assert _sleacr_cumulative(5, 600, 25, 10_000) == pytest.approx(1.9545e-8, rel=1e-4)
    fails, _ = lqas_errors(25, 6, 0.06, 0.01, population=10_000)
    assert fails == pytest.approx(stats.hypergeom.cdf(5, 10_000, 600, 25), rel=1e-10)
    assert fails == pytest.approx(0.99698, abs=1e-5)


def test_one_group_is_added_up_like_several() -> None:
    """PHEindicatormethods 2.1.0 sums grouped rows only `if (!n_groups(data) == 1)`: the rows of a single area stay apart.

    With 1 of 4 and 9 of 16 the area has 10 of 20; the peer gives 25 % and 56 %, and no figure of the area.
    """
    both = ("served", "asked")
    of = small.dataset("monthly", "reports", frequency="month", items=both)
    share = small.indicator("share", *both, names=both, factor=100, interval="wilson")
    measures = [small.counted(name, of, item=name) for name in both]
    counts = {"2025-01": (1, 4), "2025-02": (9, 16)}
    for hamlets in (("A",), ("A", "B")):
        tree = small.units(small.tree(*hamlets, shires=len(hamlets)))
        rows = [
            {"unit": unit, "period": month, "item": item, "value": value}
            for unit in hamlets
            for month, pair in counts.items()
            for item, value in zip(both, pair, strict=True)
        ]
        programme = small.programme(tree, [of], measures, [share])
        table = small.run(programme, {"monthly": rows}, ("2025-Q1",)).indicators.to_pylist()
        of_one = {row["unit"]: row for row in table}["S0"]
        assert (of_one["numerator"], of_one["denominator"], of_one["value"]) == (10, 20, 50)
    low, high = proportion_interval(10, 20)
    apart = proportion_interval([1, 9], [4, 16])
    assert high - low < (apart[1] - apart[0]).min(), "rows by themselves are all less sure than the area"


def test_funnel_limits_are_not_cut_at_a_hundred() -> None:
    """PHEindicatormethods cuts the upper limit of every proportion at 100 whatever it is multiplied by.

    90 % of 50 cases, told per 1,000: the limits are 817 and 983; cut at 100 the upper one lies below the lower.
    """
    low, high = (1_000 * side for side in funnel_limits(50, 0.9))
    assert (low, high) == pytest.approx((816.846, 983.154), abs=1e-3)
    assert min(high, 100) < low
    assert funnel_limits(5, 0.9)[1] == 1, "a proportion ends at 1, in its own unit"
    assert funnel_limits(2, 1.5, kind="rate")[1] > 1, "a rate does not"


def test_half_as_many_again_is_no_design_effect() -> None:
    """A flat × 1.5 asks 577 of everybody: 385 are enough without clusters, and 20 a cluster alike at 0.1 need 1,115."""
    plain = float(sample_size_proportion(0.5, 0.05))
    clustered = float(sample_size_proportion(0.5, 0.05, design_effect=design_effect(0.1, 20)))
    assert (plain, clustered) == (385, 1_115)
    flat = np.ceil(1.5 * 384.146)
    assert plain < flat < clustered
    half = 1.96 * np.sqrt(design_effect(0.1, 20) * 0.25 / flat)
    assert half == pytest.approx(0.0695, abs=1e-4), "± 7 points where ± 5 were promised"


def test_margins_summed_from_what_is_left_give_the_cell_away() -> None:
    """acro masks small cells and sums the margins again from what is left. Four villages by sex, one cell of 2.

    Whoever knows the true total of the village (23, from any other table) subtracts: 23 − 21 = 2, exactly. And the
    total that it publishes, 146, is false. Ours keeps true margins and withholds enough beside the cell.
    """
    table = np.array([[2.0, 21], [17, 19], [25, 14], [30, 20]])
    left = np.where(table < 5, 0.0, table)
    assert (left.sum(), table.sum()) == (146, 148)
    assert table.sum(axis=1)[0] - left.sum(axis=1)[0] == table[0, 0]

    inner = [{"village": f"V{v}", "sex": s} for v in range(4) for s in "fm"]
    asked: list[dict[str, str]] = [
        *inner, *({"village": f"V{v}"} for v in range(4)), *({"sex": s} for s in "fm"), {},
    ]  # fmt: skip
    cells, counts = cells_of(inner, asked), table.ravel()
    whole = np.asarray(cells @ counts)
    risky = at_risk(whole, most=4, zeros=False)
    assert risky.sum() == 1
    alone = attack(cells, whole, risky, risky)
    assert (alone[0][0], alone[1][0]) == pytest.approx((2, 2)), (
        "true margins and nothing else withheld: the same"
    )
    done = suppress(cells, counts, primary=risky, spread=4.0)
    assert done.high[0] - done.low[0] >= 4 - 1e-5
    assert not done.withheld[-1], "the true total stands"
