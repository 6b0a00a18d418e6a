"""Draws: exact probabilities, 10,000 draws by chi-square, and an implementation written from the documentation alone."""

from __future__ import annotations

import hashlib
from collections import Counter
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from tests.unit.verify.sampling.frames import DESIGNS, small

from tallymark.errors import TallymarkError
from tallymark.verify.sampling.commitment import commitment_hash
from tallymark.verify.sampling.designs import KINDS, Design, allocated, certainties, draw, probabilities
from tallymark.verify.sampling.frame import Frame, frame_of
from tallymark.verify.sampling.randomness import SPACE, Stream, joined, systematic

DRAWS = 10_000


def seed_of(number: int) -> bytes:
    return hashlib.sha256(b"%d" % number).digest()


@pytest.mark.parametrize(
    "design", {design.kind: design for design in reversed(DESIGNS)}.values(), ids=lambda design: design.kind
)
def test_chi_square_over_ten_thousand_draws(design: Design) -> None:
    frame = small()
    chances = probabilities(frame, design)
    counts = Counter(
        row.unit for number in range(DRAWS) for row in KINDS[design.kind](frame, design, seed_of(number))
    )
    units = [row.unit for row in frame.rows if 0 < chances[row.unit] < 1]
    seen = np.array([counts[unit] for unit in units], dtype=float)
    chance = np.array([float(chances[unit]) for unit in units])
    assert all(counts[row.unit] == DRAWS for row in frame.rows if chances[row.unit] == 1)
    # Draws are independent of each other, units within a draw are not: each is held to its own binomial, all to a bound.
    z = (seen - DRAWS * chance) / np.sqrt(DRAWS * chance * (1 - chance))
    assert np.abs(z).max() < stats.norm.isf(0.0005 / len(units))
    assert (z**2).sum() < stats.chi2.isf(1e-5, len(units) - 1) * 2


@pytest.mark.parametrize("bound", [2, 3, 7, 10, 97])
def test_whole_numbers_are_even(bound: int) -> None:
    stream = Stream(b"seed", "even")
    counts = np.bincount([stream.below(bound) for _ in range(DRAWS)], minlength=bound)
    assert stats.chisquare(counts).pvalue > 1e-4


@pytest.mark.parametrize(
    "design", DESIGNS, ids=lambda design: f"{design.kind}-{design.n}-{design.allocation}"
)
def test_probabilities_add_up_to_the_size_of_the_sample(design: Design) -> None:
    frame = small()
    expected = sum(probabilities(frame, design).values(), Fraction(0))
    sizes = {len(draw(frame, design, seed_of(number))) for number in range(20)}
    if design.kind == "clusters":
        assert min(sizes) <= expected <= max(sizes)
    else:
        assert sizes == {expected}


def test_systematic_probabilities_are_exact() -> None:
    """Every start is tried: unit i is taken by exactly count × size of the T starts."""
    sizes, count = [3, 5, 2, 7, 4, 9], 3

    class Start:
        def __init__(self, start: int) -> None:
            self.start = start

        def below(self, _: int) -> int:
            return self.start

    taken = Counter(place for start in range(sum(sizes)) for place in systematic(sizes, count, Start(start)))  # type: ignore[arg-type]
    assert [taken[place] for place in range(len(sizes))] == [count * size for size in sizes]


def test_a_unit_larger_than_a_step_is_certain() -> None:
    sizes = [Fraction(each) for each in (1000, 10, 10, 10, 400)]
    assert certainties(sizes, 3) == {0, 4}
    frame = frame_of([{"unit": f"u{at}", "size": str(size)} for at, size in enumerate(sizes)], "f")
    chances = probabilities(frame, Design("pps", 3))
    assert chances["u0"] == chances["u4"] == 1
    assert chances["u1"] == Fraction(1, 3)


def another_implementation(seed: bytes, units: list[str], n: int) -> list[str]:
    """Simple sampling as docs/draws.md tells it, written with nothing of ours."""
    counter, pool = 0, sorted(units)
    for i in range(n):
        bound = len(pool) - i
        while True:
            x = int(
                hashlib.sha256(
                    seed + b"\x00" + b"simple" + b"\x00" + str(counter).encode("ascii")
                ).hexdigest(),
                16,
            )
            counter += 1
            if x < 2**256 - (2**256 % bound):
                break
        j = i + x % bound
        pool[i], pool[j] = pool[j], pool[i]
    return pool[:n]


@given(st.binary(min_size=32, max_size=32), st.text(max_size=20), st.integers(1, 24))
@settings(max_examples=50, deadline=None)
def test_another_implementation_draws_the_same(secret: bytes, outcome: str, n: int) -> None:
    frame = small()
    seed = hashlib.sha256(
        b"tallymark-draw-1\x00" + secret + b"\x00" + outcome.strip().encode("utf-8")
    ).digest()
    assert joined(secret, outcome) == seed
    drawn = [each.row.unit for each in draw(frame, Design("simple", n), seed)]
    assert drawn == another_implementation(seed, [row.unit for row in frame.rows], n)


def test_the_published_example() -> None:
    """The figures that docs/draws.md prints."""
    page = (Path(__file__).parents[4] / "docs" / "draws.md").read_text(encoding="utf-8")
    units = [f"V{at:02}" for at in range(1, 11)]
    frame = frame_of([{"unit": unit} for unit in units], "f")
    seed = joined(bytes(range(32)), "3 5 9")
    commitment = commitment_hash(frame.hash, Design("simple", 3), "Lottery", bytes(range(32)))
    assert all(each in page for each in (frame.hash, commitment, seed.hex()))
    assert [each.row.unit for each in draw(frame, Design("simple", 3), seed)] == another_implementation(
        seed, units, 3
    )
    assert another_implementation(seed, units, 3) == ["V05", "V08", "V02"]
    sized = frame_of([{"unit": unit, "size": str(at)} for at, unit in enumerate(units, 1)], "f")
    assert [each.row.unit for each in draw(sized, Design("pps", 3), seed)] == ["V05", "V08", "V10"]
    # By hand: start 32 of 55; a unit covers 3 × size numbers, so V05 has 30–44, V08 84–107, V10 135–164; 32, 87, 142.
    assert Stream(seed, "pps").below(55) == 32


def test_the_order_of_rows_changes_nothing() -> None:
    frame = small()
    rows = [
        {"unit": r.unit, "stratum": r.stratum, "cluster": r.cluster, "size": str(r.size)}
        for r in reversed(frame.rows)
    ]
    again = frame_of(rows, "again")
    assert again.hash == frame.hash
    for design in DESIGNS:
        assert draw(again, design, b"x" * 32) == draw(frame, design, b"x" * 32)


@pytest.mark.parametrize("design", DESIGNS, ids=lambda design: design.kind)
def test_nobody_is_drawn_twice(design: Design) -> None:
    for number in range(50):
        units = [each.row.unit for each in draw(small(), design, seed_of(number))]
        assert len(units) == len(set(units))


@given(st.integers(2, 60), st.integers(1, 6), st.data())
@settings(max_examples=60, deadline=None)
def test_allocation(units: int, strata: int, data: st.DataObject) -> None:
    frame = small(units, strata)
    groups = frame.groups("stratum")
    n = data.draw(st.integers(len(groups), units))
    how = data.draw(st.sampled_from(["proportional", "size", "equal"]))
    counts = allocated(frame, Design("stratified", n, allocation=how))
    assert sum(counts.values()) == n
    assert all(1 <= counts[name] <= len(rows) for name, rows in groups.items())


def test_numbers_beyond_the_last_whole_multiple_are_passed_over() -> None:
    class High(Stream):
        pass

    bound = SPACE - 1  # 2^256 mod bound is 1: one value of all must be passed over
    assert 0 <= High(b"s", "l").below(bound) < bound
    with pytest.raises(ValueError):
        Stream(b"s", "l").below(0)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([], "holds no unit"),
        ([{"unit": ""}], "f:2: the unit is empty"),
        ([{"unit": "a"}, {"unit": "a"}], "more than once"),
        ([{"unit": "a", "size": "0"}], "no number above 0"),
        ([{"unit": "a", "size": "-4"}], "no number above 0"),
        ([{"unit": "a", "size": "many"}], "no number above 0"),
        ([{"unit": "a\tb"}], "a tab"),
    ],
)
def test_frames_that_cannot_be(rows: list[dict[str, str]], words: str) -> None:
    with pytest.raises(TallymarkError, match=words):
        frame_of(rows, "f")


@pytest.mark.parametrize(
    ("design", "words"),
    [
        (Design("simple", 0), "at least one"),
        (Design("simple", 25), "25 cannot be drawn from 24"),
        (Design("clusters", 3), "how many units of each cluster"),
        (Design("clusters", 7, per=1), "7 cannot be drawn from 6"),
        (Design("stratified", 2), "too few for 3 strata"),
    ],
)
def test_designs_that_cannot_be(design: Design, words: str) -> None:
    with pytest.raises(TallymarkError, match=words):
        draw(small(), design, b"x" * 32)


def test_a_design_that_needs_strata_says_so() -> None:
    bare: Frame = frame_of([{"unit": "a"}, {"unit": "b"}], "f")
    with pytest.raises(TallymarkError, match="unit a has no stratum"):
        draw(bare, Design("stratified", 2), b"x" * 32)
