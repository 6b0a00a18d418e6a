"""Figures linked to one another wherever they stand: what nothing near explains and a slip of one digit would."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from tallymark.verify.prose.claims import Claim
from tallymark.verify.prose.document import Document
from tallymark.verify.prose.linked.changes import change_claims
from tallymark.verify.prose.linked.crossed import crossed_claims
from tallymark.verify.prose.linked.means import mean_claims
from tallymark.verify.prose.linked.multiples import multiple_claims
from tallymark.verify.prose.linked.orders import dated_claims, order_claims
from tallymark.verify.prose.linked.quantities import Quantity, in_table, quantities_of
from tallymark.verify.prose.linked.shares import share_claims
from tallymark.verify.prose.linked.sums import sum_claims
from tallymark.verify.prose.linked.turns import nested_share_claims, turn_claims
from tallymark.verify.prose.linked.wholes import hundred_claims, whole_claims
from tallymark.verify.prose.linked.worded import fraction_claims
from tallymark.verify.prose.sentences import Sentence, sentences_of

LINKS: tuple[Callable[[Sequence[Quantity]], Iterable[Claim]], ...] = (
    share_claims, sum_claims, whole_claims, hundred_claims, change_claims, mean_claims, multiple_claims, order_claims, fraction_claims, turn_claims,
    nested_share_claims,
)  # fmt: skip


def linked_claims(
    document: Document, sentences: Sequence[Sentence], judged: Sequence[Claim]
) -> Iterator[Claim]:
    """Claims about figures that no reader of sentences has judged."""
    plain = {(id(each.block), each.start): each for each in sentences}
    measured = [each for each in sentences_of(document, measured=True) if not in_table(each)]
    told = quantities_of(measured)
    readings = [
        crossed_claims(told, sentences),
        *(read(told) for read in LINKS),
        *(dated_claims(each) for each in measured),
    ]
    seen = {
        (id(each.sentence), each.stated.start) for each in judged if each.stated and not _only_possible(each)
    }
    said = {(id(each.sentence), each.arithmetic) for each in judged}
    for reading in readings:
        for claim in reading:
            own = plain.get((id(claim.sentence.block), claim.sentence.start))  # as the other readers read it
            place = claim.stated.start if claim.stated else claim.place
            if own is None or (id(own), place) in seen or (id(own), claim.arithmetic) in said:
                continue
            seen.add((id(own), place))
            yield replace(claim, sentence=own)


def _only_possible(claim: Claim) -> bool:
    """Whether a claim only says that some counts would give the rate."""
    return claim.holds and claim.code == "prose.no_counts"
