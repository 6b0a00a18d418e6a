"""Patterns as findings: what is odd, how large, and what would settle it — never why it is so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tallymark.findings import Finding, Severity, Where
from tallymark.programme.resolved import Programme
from tallymark.texts import Message
from tallymark.verify.patterns.odd import Odd

LISTED = 12
SEVERITY = {
    "ledger": Severity.ERROR, "unbalanced": Severity.ERROR, "broken_chain": Severity.ERROR, "overdrawn": Severity.ERROR,
    "over_whole": Severity.ERROR, "impossible_ratio": Severity.ERROR, "digits": Severity.NOTE,
    "late_reports": Severity.NOTE, "missing_reports": Severity.NOTE, "low": Severity.NOTE, "perfect": Severity.NOTE,
    "even_shares": Severity.NOTE,
}  # fmt: skip
"""Kinds, and sentences of kinds, that are not warnings."""
DOUBTFUL, DOUBTFUL_CELLS = 1e-3, 1e-4
CELLS = ("high", "low", "slipped", "zero", "share_off")
"""Warnings that chance makes more often than this, of single figures and of others, are notes: worth a look, no more."""

SAID = {
    "high": "{item} is {value}; its other months and other units in that month lead one to expect about {expected}",
    "low": "{item} is {value}; its other months and other units in that month lead one to expect about {expected}",
    "slipped": "{item} is {value} where about {expected} is usual; divided by {factor} it would fit: {repaired}",
    "zero": "{item} is 0 where about {expected} is usual; a 0 may stand for a figure that is missing",
    "zeros": "all {items} figures of the report are 0, where they usually add up to about {expected}",
    "copied": "all {compared} figures are those of {other}",
    "nearly_copied": "{equal} of {compared} figures are those of {other}",
    "last_year": "{item} is the same as a year before in {equal} of {compared} periods",
    "same_again": "{item} is {value}, {count} times running, from {first} to {last}",
    "in_turn": "{item} is {figures} in turn, in all {slots} periods",
    "neighbours": "{equal} of {compared} figures are the same as those of {other_unit} in the same period",
    "above_target": "{item} falls short of {target:.0%} of {of_item} in {below} of {reports} reports; about {usual} "
    "were to be expected from the past and from what other units do",
    "bunched": "{item}: about {excess} more units than a smooth spread would give stand just above {target:.0%} of "
    "{of_item} ({ratio} times as many)",
    "perfect": "{item} equals {of_item} in all {slots} reports ({n} cases); elsewhere it is {usual:.1%} of them",
    "nowhere_missed": "{item} equals {of_item} in every one of {reports} reports of all {count} units ({n} cases): "
    "nothing is ever missed",
    "alike": "{item} equals {of_item} in every one of {reports} reports of all {count} units",
    "common": "{what} in {count} of {of} units, {findings} times in all: so often that it says how these figures come "
    "about, rather than what one unit did",
    "even_counts": "{item} varies too little: {ratio:.0%} of the spread that chance alone gives to counts around "
    "{expected} ({slots} periods)",
    "even_shares": "{item} of {of_item} varies too little: {ratio:.0%} of the spread that chance alone gives to shares "
    "around {mean:.1%} ({slots} periods)",
    "shrinking": "{of_item} fell from {before} to {now} in a year while the share of {item} rose from "
    "{share_before:.1%} to {share_now:.1%}",
    "over_whole": "{item} is {value}, more than {of_item} ({n})",
    "share_off": "{item} is {value} of {of_item} = {n}; the unit's other reports lead one to expect about {expected}",
    "rush": "{item} is {value} in the last {slots} periods before the end; the rest of the year leads one to expect "
    "about {expected}",
    "round_numbers": "{count} of {n} figures from 10 on end in 0 or 5 ({share:.0%}; a fifth is usual)",
    "digits": "{item}: {share:.0%} of {n} figures end in {digit}; a tenth is usual",
    "revised_upwards": "{count} of {n} later corrections go the way that helps the unit",
    "ledger": "the account does not balance: {item} is {value}, and {repaired} would balance it",
    "unbalanced": "the account does not balance: it comes to {sum}, and {closing} is stated",
    "broken_chain": "{item} is {value}, but {repaired} was left at the end of {other}",
    "overdrawn": "{item} and what came in make {had}, but {gone} went out",
    "impossible_ratio": "{item} is {value}, which no whole number over {of_item} = {n} gives; "
    "the nearest are {lower} and {upper}",
    "entered_twice": "the same event stands {count} times under different numbers: {columns} columns agree{numbers}",
    "late_evidence": "{count} of {n} records were made more than {days} days after the event (half of these over "
    "{typical} days); elsewhere {usual:.0%}",
    "missing_reports": "{count} of {n} reports are missing: {which}",
    "late_reports": "{count} of {n} reports came in late: {which}",
    "more": "{count} more findings of this kind (the surest are told one by one), among them {names}",
}  # fmt: skip
HINTS = {
    "high": "compare with the register or tally sheet of the month; a campaign or an outbreak is a good reason, say so",
    "low": "ask whether all sites and days are in it; a strike, a closure or a stock-out is a good reason, say so",
    "slipped": "read the figure again from the register or the paper form, digit by digit",
    "zero": "if nothing was counted, leave it empty; if it was counted and was 0, say so",
    "zeros": "if the report was not made, leave it out: a missing report is not a zero",
    "copied": "compare both months with the register or the tally sheets; send again the one that is wrong",
    "nearly_copied": "compare both months with the register or the tally sheets; send again the one that is wrong",
    "last_year": "compare the year with the register; a column of the workbook may have been pasted",
    "same_again": "compare the months with the register; a fixed number (a schedule, a delivery) is a good reason",
    "in_turn": "compare a few months with the register; figures that were planned, not counted, look like this",
    "neighbours": "look at both units' registers; one report may have been sent for two units",
    "above_target": "recount a few months drawn at random; better work shows in the register, too",
    "bunched": "recount units drawn at random on both sides of the target",
    "perfect": "recount a few cases drawn at random; some offices really miss nobody",
    "nowhere_missed": "ask how the two figures are made: one may be filled in from the other, and then the share says "
    "nothing",
    "alike": "ask how the two figures are made: one column may have been pasted over the other, or both are read from "
    "one form and say one thing",
    "common": "ask once how these figures are made, for all of them: figures that hardly change (facilities, "
    "meetings), or one filled in from another; the evidence has every unit and period",
    "even_counts": "compare a few months with the register; figures that were planned, not counted, look like this",
    "even_shares": "compare a few months with the register; shares that were planned, not counted, look like this",
    "shrinking": "compare who was listed in both years; people may have been left off the list, or have moved away",
    "over_whole": "one of the two figures is wrong: read both again from the register or the paper form",
    "share_off": "one of the two figures may be mistyped, or belong to another period: read both again from the register",
    "rush": "look at the dates in the register; a yearly campaign is a good reason, say so",
    "round_numbers": "ask how the figures are made: counted, estimated, or rounded",
    "digits": "ask how the figures are made: counted, estimated, or rounded",
    "revised_upwards": "look at the reasons given for the corrections and at the registers behind a few of them",
    "ledger": "check the figure against the stock card; send the report again",
    "unbalanced": "check every figure against the stock card; send the report again",
    "broken_chain": "count the stock; a recount that differs belongs to losses, not to the opening",
    "overdrawn": "check what came in and went out against the stock card; a delivery may not have been entered",
    "impossible_ratio": "compute the ratio again from its counts, and send the counts as well",
    "entered_twice": "compare both entries with the register; withdraw one if it is the same event (twins are two)",
    "late_evidence": "ask when and from what the records were made; entering a backlog is a good reason, say so",
    "missing_reports": "send them, or say that the unit was closed; a missing report is not a zero",
    "late_reports": "nothing to correct; ask what held them up",
    "more": "the data files have what these rest on; settle those told one by one first",
}


COMMON = {
    "copied": "reports that repeat an earlier one",
    "nearly_copied": "reports that repeat most of an earlier one",
    "neighbours": "reports like those of a neighbour",
    "last_year": "{item}: the same as a year before",
    "same_again": "{item}: the same figure period after period",
    "in_turn": "{item}: the same few figures in turn",
    "even_counts": "{item}: varies less than counts do",
    "even_shares": "{item}: its share varies less than shares do",
    "perfect": "{item}: nobody is ever missed",
    "round_numbers": "figures that end in 0 or 5 too often",
    "shrinking": "{item}: its share rose while its base fell",
}  # fmt: skip
"""What is common to many units, in a few words."""


def findings_of(
    programme: Programme, odds: Sequence[Odd], *, most: int, severity: Mapping[str, str]
) -> Iterator[Finding]:
    """The findings: of each kind and dataset the surest ones singly, the rest in one sentence."""
    groups: dict[tuple[str, str], list[Odd]] = {}
    for odd in odds:
        groups.setdefault((odd.kind, odd.dataset), []).append(odd)
    for (kind, dataset), members in sorted(groups.items()):
        declared = severity.get(kind)
        how = Severity(declared) if declared else SEVERITY.get(kind, Severity.WARNING)
        members.sort(key=lambda odd: (odd.chance, -abs(odd.size), odd.unit, odd.period, odd.item))
        for odd in members[:most]:
            yield _finding(programme, odd, Severity(declared) if declared else _severity(odd))
        rest = members[most:]
        if rest:
            units = sorted({odd.unit for odd in rest if odd.unit})
            names = ", ".join(units[:LISTED]) + (" …" if len(units) > LISTED else "")
            yield Finding(
                f"verify.{kind}", how, SAID["more"], HINTS["more"], {"count": len(rest), "names": names or "–"},
                Where(dataset=dataset), {"kind": kind, "count": len(rest), "units": units},
            )  # fmt: skip


def _severity(odd: Odd) -> Severity:
    said = odd.kind if "found" in odd.values else _sentence(odd)
    return Severity.NOTE if _doubtful(odd) else SEVERITY.get(said, Severity.WARNING)


def _doubtful(odd: Odd) -> bool:
    return odd.chance > (DOUBTFUL_CELLS if odd.kind in CELLS else DOUBTFUL)


def _finding(programme: Programme, odd: Odd, severity: Severity) -> Finding:
    said = _sentence(odd)
    return Finding(
        f"verify.{odd.kind}",
        severity,
        SAID[said],
        HINTS[said],
        _values(programme, odd),
        Where(dataset=odd.dataset, item=odd.item or None, unit=odd.unit or None, period=odd.period or None),
        {
            "kind": odd.kind,
            "chance": float(f"{odd.chance:.3g}"),
            "effect": float(f"{odd.size:.4g}"),
            "periods": list(odd.slots),
            **({"units": list(odd.units)} if odd.units else {}),
            **{
                key: _plain(value)
                for key, value in odd.values.items()
                if not isinstance(value, str) and value is not None
            },
        },
    )


def _sentence(odd: Odd) -> str:
    """Which sentence says it."""
    if "found" in odd.values:
        return "common"
    if odd.kind == "perfect" and "everywhere" in odd.values:
        return "nowhere_missed"
    if odd.kind != "ledger":
        return odd.kind
    if "had" in odd.values:
        return "overdrawn"
    if "other" in odd.values:
        return "broken_chain"
    return "ledger" if odd.values["repaired"] is not None else "unbalanced"


def _values(programme: Programme, odd: Odd) -> dict[str, Any]:
    """What fills the sentence: items by their titles, numbers as people write them."""
    dataset = programme.datasets[odd.dataset]

    def title(name: str) -> str:
        item = dataset.items.get(name)
        return Titled(item.title["en"], item.title["zh"]) if item is not None and item.title else name

    values: dict[str, Any] = {"item": title(odd.item)}
    if "found" in odd.values:
        what = Message(COMMON[odd.kind], item=title(odd.item))
        return values | {"what": what, **{key: odd.values[key] for key in ("findings", "count", "of")}}
    for key, value in odd.values.items():
        values[key] = title(value) if key == "of_item" else _shown(key, value)
    if odd.kind == "neighbours":
        values["other_unit"] = _name(programme, str(odd.values["other"]))
    if odd.kind == "entered_twice":
        keys = odd.values["keys"]
        values["numbers"] = Message(" ({keys})", keys=keys) if keys else ""
    return values


class Titled(str):
    """A title that reads in both languages among a message's values."""

    template: str
    values: Mapping[str, object]
    hint = ""

    def __new__(cls, en: str, zh: str) -> Titled:
        made = super().__new__(cls, en)
        made.template, made.values = _IN_BOTH, {"en": en, "zh": zh}
        return made


_IN_BOTH = "{en}|{zh}"
"""Its Chinese is `{zh}`."""


def _name(programme: Programme, unit: str) -> str:
    units = programme.units
    name = units.names[units.codes.index(unit)]
    return Titled(f"{name['en']} ({unit})", f"{name['zh']}（{unit}）")


SHARES = ("target", "usual", "share", "ratio", "mean", "share_before", "share_now")


def _shown(key: str, value: object) -> object:
    """Numbers of things as people write them; shares stay numbers where the sentence shows them in per cent."""
    if not isinstance(value, float):
        return value
    if key in SHARES and abs(value) <= 1:
        return value
    if abs(value) >= 10 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 0.1 else f"{value:.2g}"


def _plain(value: Any) -> Any:
    return float(f"{value:.6g}") if isinstance(value, float) else value
