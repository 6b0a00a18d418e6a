"""What patterns say of matches: how often each field agrees in them, whether errors sit together, how many were lost.

Pairs that are compared are a mixture of matches and others. In others, fields agree as in pairs drawn by chance (less
the matches among those). In matches, fields agree independently within one or two classes of records, good and bad.
Only pairs that some rule brought together are seen, so a class's likelihood is that of its patterns *given* that a
rule caught them, and the matches that no rule caught are estimated from it, as in capture–recapture where each rule is
a list (Dempster, Laird and Rubin 1977, §4.2, for truncated counts; Winkler 1993 and Larsen and Rubin 2001 for
mixtures in linkage).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from math import log, log2

import numpy as np
from numpy.typing import NDArray

from tallymark.verify.linkage.blocking import Rule
from tallymark.verify.linkage.comparisons import Comparison
from tallymark.verify.linkage.compete import matching_probabilities
from tallymark.verify.linkage.doubling import Doubling, doubling
from tallymark.verify.linkage.lost import Lost, lost_combinations
from tallymark.verify.linkage.patterns import Category, Patterns
from tallymark.verify.linkage.settled import Counts, settle
from tallymark.verify.linkage.unlike import unlike

Floats = NDArray[np.float64]
STEPS = 150
ENOUGH = 1e-7
FLOOR = 1e-12
BAD_START = (0.15, 0.35)
"""Shares of bad records that two-class fits start from."""
CLEARLY = 10.0
"""A difference in BIC beyond this is called decisive (Kass and Raftery 1995)."""
ROUNDS = 3
HOPELESS = 0.1
"""In samples of long lists, a class of which rules catch less is fitted no further: it took in pairs that are none."""
NEGLIGIBLE = 1e-5
"""Odds below which a pair's match is not worth weighing against others."""


@dataclass(frozen=True, slots=True)
class Model:
    """A fitted mixture. agree[class][field]: probability of each category among matches of the class."""

    classes: Floats
    """Share of all matches in each class, those lost included."""
    agree: tuple[tuple[Floats, ...], ...]
    chance: tuple[Floats, ...]
    """Field → probability of each category in pairs that are no match."""
    caught: Floats
    """Class → share of its matches that some rule brings together."""
    seen: float
    """Matches among the pairs compared."""
    weight: Floats
    """Pattern → bits for a match: log2 of how much likelier it is among matches than among other compared pairs."""
    of_match: Floats
    """Pattern → its probability among matches that are compared."""
    odds: float
    """Odds (bits) that a pair compared is a match, before its pattern is looked at."""
    likelihood: float
    parameters: int
    counts: Counts
    """What it was fitted to."""
    mixing: float
    """Share of matches among the pairs left open."""
    doubled: tuple[Doubling, ...] = ()
    """Field → what a second bad record adds, where records and not matches are good or bad (`fit_records`)."""

    @property
    def none(self) -> Floats:
        """Pattern → its probability among compared pairs that are no match."""
        return self.of_match / np.exp2(self.weight)

    @property
    def matches(self) -> float:
        """Matches in the lists, those that no rule brought together included."""
        return self.seen / self.share_caught

    @property
    def share_caught(self) -> float:
        """Share of matches that some rule brings together."""
        return float(self.classes @ self.caught)

    def expected(self, counts: Counts) -> float:
        """Matches that the model sees among counted pairs."""
        matches, others = rates(counts, self.mixing, self.of_match, self.none)
        return float(counts.match.sum() + counts.open @ (matches / (matches + others)))

    @property
    def bic(self) -> float:
        """Bayesian information criterion (Schwarz 1978), the number of matches seen being the sample."""
        return -2 * self.likelihood + self.parameters * log(max(self.seen, 2.0))

    def level_shares(self, categories: Sequence[Sequence[Category]], levels: Sequence[int]) -> list[Floats]:
        """For each field the share of matches at each level among those where both records say something."""
        shares = []
        for at, (of, many) in enumerate(zip(categories, levels, strict=True)):
            mixed = sum(share * agree[at] for share, agree in zip(self.classes, self.agree, strict=True))
            shares.append(by_level(np.asarray(mixed), of, many))
        return shares


@dataclass(frozen=True, slots=True)
class Guess:
    """Parameters on the way: class shares, agreement by class and field, share of matches among open pairs."""

    share: Floats
    agree: list[list[Floats]]
    mixing: float
    doubled: tuple[Doubling, ...] = ()
    """Field → what a second bad record adds. Where given there are three classes: both records good, one bad, both bad,
    records being good or bad in one list whatever they are in the other."""


def fit(
    patterns: Patterns,
    rules: Sequence[Rule],
    comparisons: Sequence[Comparison],
    *,
    classes: int,
    unique: bool = True,
    start: Model | None = None,
) -> Model:
    """The mixture with so many classes of matches, by expectation and maximisation from fixed starting values.

    unique: each list holds an event once, so that a record clearly matched has no other match; its other pairs show
    what pairs that are none look like (families, twins and common names included), which products of chance cannot.
    start: the model that `first_fit` gives, where it is at hand. Guesses are followed side by side.
    """
    lost = lost_combinations(patterns, rules)
    model = start or first_fit(patterns, rules, comparisons)
    with ThreadPoolExecutor(len(BAD_START)) as pool:
        for _ in range(ROUNDS if unique else 0):
            counts = settle(patterns, model.weight + model.odds)
            none = unlike(patterns.pattern, counts.none, lost) if counts.none.any() else None
            follow = partial(maximised, patterns, lost, counts, none=none)
            tried = pool.map(follow, _guesses(patterns, comparisons, model, classes))
            model = max(tried, key=lambda one: one.likelihood)
            if _hopeless(patterns, model.caught):
                break
    return model


def first_fit(patterns: Patterns, rules: Sequence[Rule], comparisons: Sequence[Comparison]) -> Model:
    """One class of matches, nothing being settled: what every fit begins with."""
    count = patterns.blocked.astype(float)
    counts = Counts(np.zeros_like(count), np.zeros_like(count), count, np.zeros(0, np.int64))
    guess = Guess(np.ones(1), [_start(patterns, comparisons, bad=False)], 0.1)
    return maximised(patterns, lost_combinations(patterns, rules), counts, guess)


def _hopeless(patterns: Patterns, caught: Floats) -> bool:
    return patterns.share < 1 and float(caught.min()) < HOPELESS


def fit_records(patterns: Patterns, rules: Sequence[Rule], start: Model) -> Model:
    """The mixture in which not matches are good or bad but records, in each list by chance, from a fit of two classes.

    Matches of two bad records are as many as then follow from those with one, and their fields agree as if the damage
    was done twice (`doubling`): the model of two classes takes them for one bad record's, and thinks too few lost.
    """
    lost = lost_combinations(patterns, rules)
    doubled = tuple(doubling(of) for of in patterns.categories)
    chance = [_shares(drawn) for drawn in patterns.chance]
    guess = _tied(start.classes, _good_first(start), start.mixing, doubled, chance)
    model = start
    for _ in range(0 if _hopeless(patterns, start.caught) else ROUNDS):
        model = maximised(patterns, lost, settle(patterns, model.weight + model.odds), guess)
        guess = guess_of(model)
    return model


def refitted(patterns: Patterns, rules: Sequence[Rule], model: Model, counts: Counts) -> Model:
    """A model fitted again to these counts, so that its likelihood can be set against others'."""
    return maximised(patterns, lost_combinations(patterns, rules), counts, guess_of(model))


def guess_of(model: Model) -> Guess:
    """A model's parameters, to go on from."""
    return Guess(model.classes, [list(of) for of in model.agree], model.mixing, model.doubled)


def _good_first(model: Model) -> list[list[Floats]]:
    """Agreement by class, that class first whose fields agree best."""
    best = [sum(float(of[-1]) for of in agree) for agree in model.agree]
    return [list(model.agree[at]) for at in np.argsort(best)[::-1]]


def _tied(
    share: Floats, agree: list[list[Floats]], mixing: float, doubled: tuple[Doubling, ...], chance: Sequence[Floats]
) -> Guess:  # fmt: skip
    """Three classes from two: with a share q of records bad in either list, (1 − q)², 2q(1 − q) and q²."""
    bad = float(share[1] / max(share[0], FLOOR))
    bad = bad / (2 + bad)
    both = [of.twice(*fields) for of, *fields in zip(doubled, agree[0], agree[1], chance, strict=True)]
    return Guess(np.array([(1 - bad) ** 2, 2 * bad * (1 - bad), bad**2]), [*agree[:2], both], mixing, doubled)


def _guesses(
    patterns: Patterns, comparisons: Sequence[Comparison], model: Model, classes: int
) -> Iterator[Guess]:
    """Where to start from: the model so far, or its good records with some bad ones beside them."""
    if classes == len(model.classes):
        yield Guess(model.classes, [list(of) for of in model.agree], 0.5)
    else:
        for bad in BAD_START:
            agree = [list(model.agree[0]), _start(patterns, comparisons, bad=True)]
            yield Guess(np.array([1 - bad, bad]), agree, 0.5)


def maximised(
    patterns: Patterns, lost: Lost, counts: Counts, guess: Guess, *, steps: int = STEPS, none: Floats | None = None
) -> Model:  # fmt: skip
    """The likeliest model for counted pairs, found from a guess in at most so many steps.

    none: probability of each pattern among pairs that are no match, where it is known already.
    """
    before, found = -np.inf, None
    chance = [_shares(drawn) for drawn in patterns.chance]
    settled = none is not None or bool(counts.none.any())
    none = _no_match(patterns, lost, counts, chance) if none is None else none
    for _ in range(steps):
        none = none if settled else _no_match(patterns, lost, counts, chance)
        found = _expect(patterns, lost, counts, guess, none)
        guess = _maximise(patterns, lost, counts, found, guess)
        if guess.doubled:
            guess = _tied(guess.share, guess.agree, guess.mixing, guess.doubled, chance)
        chance = _less_matches(patterns, found.seen / float(guess.share @ found.caught), guess)
        if abs(found.likelihood - before) < ENOUGH * max(1.0, abs(before)):
            break
        if _hopeless(patterns, found.caught):
            break
        before = found.likelihood
    assert found is not None
    pairs = max(float(patterns.blocked.sum()), 1.0)
    return Model(
        classes=guess.share,
        agree=tuple(tuple(of) for of in guess.agree),
        chance=tuple(chance),
        caught=found.caught,
        seen=found.seen,
        weight=np.log2(found.of_match / np.maximum(none, 1e-300)),
        of_match=found.of_match,
        odds=log2(max(found.seen, FLOOR) / max(pairs - found.seen, 1.0)),
        likelihood=found.likelihood,
        parameters=min(len(guess.agree), 2) * (sum(len(of) - 1 for of in patterns.categories) + 1),
        counts=counts,
        mixing=guess.mixing,
        doubled=guess.doubled,
    )


def _no_match(patterns: Patterns, lost: Lost, counts: Counts, chance: Sequence[Floats]) -> Floats:
    """Probability of each pattern among compared pairs that are no match.

    As seen among those settled as none (`unlike`); before any are settled, as in pairs drawn by chance.
    """
    if counts.none.any():
        return unlike(patterns.pattern, counts.none, lost)
    product = _product(patterns, chance)
    return product / max(float(product.sum()), FLOOR)


@dataclass(frozen=True, slots=True)
class _Expected:
    """One step's expectations."""

    of_class: Floats
    """[class, pattern]: matches of the class that are compared."""
    of_match: Floats
    """Pattern → its probability among matches that are compared."""
    caught: Floats
    beside: list[list[Floats]]
    """Class → field → as `Lost.others`."""
    seen: float
    likelihood: float


def _expect(patterns: Patterns, lost: Lost, counts: Counts, guess: Guess, none: Floats) -> _Expected:
    combined = [[lost.combined(at, of) for at, of in enumerate(each)] for each in guess.agree]
    beside = [lost.others(each) for each in combined]
    missed = [float(first[0] @ each[0]) for first, each in zip(beside, combined, strict=True)]
    caught = np.maximum(1 - np.array(missed), FLOOR)
    given = np.array([_product(patterns, each) for each in guess.agree])
    by_class = (guess.share / (guess.share @ caught))[:, None] * given
    of_match = np.maximum(by_class.sum(axis=0), 1e-300)
    matches, others = rates(counts, guess.mixing, of_match, none)
    still = _still(patterns, counts, matches / others, guess.mixing)
    inside = by_class / of_match
    seen = float(counts.match.sum() + still.sum())
    likelihood = float(counts.open @ np.log(matches + others) + counts.match @ np.log(of_match))
    return _Expected(counts.match * inside + still * inside, of_match, caught, beside, seen, likelihood)


def rates(counts: Counts, mixing: float, of_match: Floats, none: Floats) -> tuple[Floats, Floats]:
    """Pattern → matches to be expected among its open pairs, and others.

    Matches are settled by their patterns: those that agree well are, those that agree badly stay open, so that open
    pairs hold their full share of the badly agreeing ones and few of the others.
    """
    whole = max(float(counts.open.sum()), 1.0)
    seen = float(counts.match.sum()) + mixing * whole
    left = np.where(counts.match > 0, counts.open / np.maximum(counts.open + counts.match, 1.0), 1.0)
    return seen / whole * of_match * left, (1 - mixing) * none + 1e-300


def _still(patterns: Patterns, counts: Counts, odds: Floats, mixing: float) -> Floats:
    """Pattern → matches expected among its open pairs; where lists hold events once, pairs of a record compete."""
    if not len(counts.loose):
        alone: Floats = counts.open * odds / (1 + odds)
        return alone
    near = odds[patterns.of[counts.loose]] / _free(counts, mixing)
    weighty = near > NEGLIGIBLE
    pairs = counts.loose[weighty]
    chosen = matching_probabilities(patterns.left[pairs], patterns.right[pairs], near[weighty])
    still: Floats = np.bincount(patterns.of[pairs], chosen, len(odds)).astype(np.float64)
    return still if counts.times is None else still * counts.times


def _free(counts: Counts, mixing: float) -> float:
    """Share of pairs left open whose two records have no match elsewhere: what competition takes away is put back.

    Odds of a pair are against all that is not this match, another match of its records included; odds that then
    compete are against both records having none (with m matches among n records, 1 − m ÷ n of a side have none).
    """
    matches = mixing * len(counts.loose)
    return float(np.prod([1 - min(matches / max(many, 1), 0.9) for many in counts.records]))


def _maximise(patterns: Patterns, lost: Lost, counts: Counts, found: _Expected, guess: Guess) -> Guess:
    """Shares from what was seen and what must have been lost, class by class."""
    made, sizes = [], []
    for at, each in enumerate(guess.agree):
        weight = found.of_class[at]
        unseen = float(weight.sum()) * (1 - found.caught[at]) / found.caught[at]
        fields = []
        for field, of in enumerate(each):
            here = np.bincount(patterns.pattern[:, field], weight, len(of))
            here = here + unseen * lost.spread(found.beside[at][field], field, of)
            fields.append(np.maximum(here / max(float(here.sum()), FLOOR), FLOOR))
        made.append(fields)
        sizes.append(float(weight.sum()) + unseen)
    still = (found.seen - float(counts.match.sum())) / max(float(counts.open.sum()), 1.0)
    share = np.array(sizes) / max(sum(sizes), FLOOR)
    return Guess(share, made, min(max(still, 1e-9), 1 - 1e-9), guess.doubled)


def _less_matches(patterns: Patterns, matches: float, guess: Guess) -> list[Floats]:
    """Categories of pairs that are no match: those of chance pairs less the matches among them."""
    part = min(matches / max(patterns.possible, 1.0), 0.5)
    made = []
    for at, counts in enumerate(patterns.chance):
        of_match = sum(share * each[at] for share, each in zip(guess.share, guess.agree, strict=True))
        least = 0.25 / max(float(counts.sum()), 1.0)
        rest = np.maximum(_shares(counts) - part * np.asarray(of_match), least)
        made.append(rest / rest.sum())
    return made


def _product(patterns: Patterns, fields: Sequence[Floats]) -> Floats:
    logs = sum(np.log(np.maximum(of, 1e-300))[patterns.pattern[:, at]] for at, of in enumerate(fields))
    product: Floats = np.exp(np.asarray(logs))
    return product


def _start(patterns: Patterns, comparisons: Sequence[Comparison], *, bad: bool) -> list[Floats]:
    """First guesses: levels as comparisons guess them, flatter for bad records; silence as often as by chance."""
    made = []
    for at, (of, one) in enumerate(zip(patterns.categories, comparisons, strict=True)):
        guess = np.array([level.start for level in one.levels[::-1]])
        guess = guess if not bad else 0.35 * guess + 0.65 / len(guess)
        inside = np.bincount(patterns.pattern[:, at], patterns.blocked, len(of)) + 0.5
        levels = np.array([each.level for each in of])
        shares = np.empty(len(of))
        for level in np.unique(levels):
            mine = levels == level
            whole = 0.05 if level < 0 else 0.95 * guess[level]
            shares[mine] = whole * inside[mine] / inside[mine].sum()
        made.append(shares / shares.sum())
    return made


def _shares(counts: NDArray[np.int64]) -> Floats:
    made: Floats = (counts + 0.5) / (counts.sum() + 0.5 * len(counts))
    return made


def by_level(shares: Floats, categories: Sequence[Category], many: int) -> Floats:
    """Probabilities of categories as those of levels, among records that say something; lowest level first."""
    made = np.full(many, FLOOR)
    for share, category in zip(shares, categories, strict=True):
        if category.level >= 0:
            made[category.level] += share
    shared: Floats = made / made.sum()
    return shared
