"""Which model of errors the pairs bear out: alike in all records, together in bad matches, or together in bad records."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from tallymark.verify.linkage.blocking import Rule
from tallymark.verify.linkage.comparisons import Comparison
from tallymark.verify.linkage.model import CLEARLY, Model, first_fit, fit, fit_records, refitted
from tallymark.verify.linkage.patterns import Patterns
from tallymark.verify.linkage.settled import settle

MOSTLY = 0.5
"""A class of bad records of which rules catch less than this cannot be told from chance: it is not believed."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The model chosen, and those it was chosen from, all fitted to the same counts."""

    model: Model
    plain: Model
    """Errors fall on all records alike."""
    mixed: Model
    """Some matches are bad."""
    records: Model
    """Some records are bad, in each list whatever they are in the other."""
    clustered: bool
    """Whether errors sit together: two classes explain the pairs decisively better than one."""
    doubtful: bool
    """Whether they would, but for a class so badly caught that it may be chance."""


def choose_model(
    patterns: Patterns, rules: Sequence[Rule], comparisons: Sequence[Comparison], *, unique: bool
) -> Choice:
    """The model that explains the pairs best (BIC), a second class being believed when it is decisively better."""
    begin = first_fit(patterns, rules, comparisons)
    fitted = partial(fit, patterns, rules, comparisons, unique=unique, start=begin)
    with ThreadPoolExecutor(2) as pool:
        plain, mixed = pool.map(lambda classes: fitted(classes=classes), (1, 2))
    records = fit_records(patterns, rules, mixed) if unique else mixed
    if unique:
        counts = settle(patterns, mixed.weight + mixed.odds)
        plain, mixed, records = (refitted(patterns, rules, one, counts) for one in (plain, mixed, records))
    best = min((mixed, records), key=lambda one: one.bic)
    better = plain.bic - best.bic > CLEARLY
    believed = float(best.caught[:2].min()) >= MOSTLY
    clustered = better and believed
    return Choice(best if clustered else plain, plain, mixed, records, clustered, better and not believed)
