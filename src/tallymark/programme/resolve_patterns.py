"""Patterns as written → as stages see them: parts of wholes read from indicators, their targets from contracts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tallymark.programme.resolved import Contract, Dataset, Indicator, Measure, Patterns, Share
from tallymark.programme.written.patterns import KINDS, WrittenPatterns

OF_SHARES = ("wilson", "clopper-pearson", "jeffreys")
WAY = {"higher": 1, "lower": -1, "none": 0}


def resolve_patterns(
    one: WrittenPatterns,
    datasets: Mapping[str, Dataset],
    *,
    measures: Mapping[str, Measure],
    indicators: Mapping[str, Indicator],
    contracts: Mapping[str, Contract],
) -> Patterns:
    """The patterns looked for, with everything that is read from the rest of the programme."""
    kinds = frozenset(KINDS if one.standard else one.kinds) - frozenset(one.without)
    reports = [dataset for dataset in datasets.values() if dataset.kind == "reports"]
    named = [Share(share.dataset, share.part, share.of, share.target) for share in one.shares]
    given = {(share.dataset, share.part, share.of) for share in named}
    targets = _targets(contracts)
    read = [
        share
        for share in _shares(measures, indicators, targets)
        if (share.dataset, share.part, share.of) not in given
    ]
    return Patterns(
        kinds=kinds,
        datasets=tuple(dataset for dataset in reports if not one.datasets or dataset.name in one.datasets),
        skip=tuple(one.skip),
        false_share=one.false_share,
        false_alarms=one.false_alarms,
        most=one.most,
        history=one.history,
        severity={str(kind): how for kind, how in one.severity.items()},
        shares=tuple(dict.fromkeys([*named, *read])),
        helps=_helps(measures, indicators) | _named_helps(named),
        ledgers=tuple(one.ledgers),
        ratios=tuple(one.ratios),
        evidence=tuple(one.evidence),
    )


def _measure(measures: Mapping[str, Measure], text: str) -> Measure | None:
    """The measure that an expression is, when it is nothing but a plain sum of an item of reports."""
    found = measures.get(text.strip())
    if found is None or found.item is None or found.where is not None or found.dataset.kind != "reports":
        return None
    return found


def _shares(
    measures: Mapping[str, Measure], indicators: Mapping[str, Indicator], targets: Mapping[str, float]
) -> Iterator[Share]:
    for indicator in indicators.values():
        if indicator.denominator is None or indicator.interval not in OF_SHARES:
            continue
        part, whole = (_measure(measures, each.text) for each in (indicator.numerator, indicator.denominator))
        if part is None or whole is None or part.dataset.name != whole.dataset.name:
            continue
        target = targets.get(indicator.name)
        share = target / indicator.factor if target is not None else None
        fits = share is not None and 0 < share <= 1 and indicator.direction == "higher"
        assert part.item is not None
        assert whole.item is not None
        yield Share(
            part.dataset.name,
            part.item,
            whole.item,
            share if fits else None,
            indicator.direction == "higher",
        )


def _targets(contracts: Mapping[str, Contract]) -> dict[str, float]:
    """What contracts ask of each indicator: the target, or the highest bound of the bands."""
    found: dict[str, float] = {}
    for contract in contracts.values():
        for line in (*contract.lines, *contract.bonus):
            award = line.award
            if line.indicator is None or award.kind == "improvement":
                continue
            bounds = [band.bound for band in getattr(award, "bands", ()) if band.bound is not None]
            target = getattr(award, "target", max(bounds, default=None))
            if isinstance(target, int | float) and not isinstance(target, bool):
                found.setdefault(line.indicator.name, float(target))
    return found


def _helps(
    measures: Mapping[str, Measure], indicators: Mapping[str, Indicator]
) -> dict[tuple[str, str], int]:
    """Items for which more, or less, makes an indicator better; those pulled both ways are left out."""
    ways: dict[tuple[str, str], set[int]] = {}
    for indicator in indicators.values():
        way = WAY.get(indicator.direction, 0)
        part = _measure(measures, indicator.numerator.text)
        whole = _measure(measures, indicator.denominator.text) if indicator.denominator is not None else None
        if part is None or not way:
            continue
        for measure, sign in ((part, way), (whole, -way)):
            if measure is not None and measure.item is not None:
                ways.setdefault((measure.dataset.name, measure.item), set()).add(sign)
    return {key: signs.pop() for key, signs in ways.items() if len(signs) == 1}


def _named_helps(shares: list[Share]) -> dict[tuple[str, str], int]:
    return {(share.dataset, share.part): 1 for share in shares} | {
        (share.dataset, share.of): -1 for share in shares
    }
