"""A document's figures recomputed: what could be checked, and a finding for each claim that does not hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from tallymark.findings import Finding
from tallymark.verify.prose.amounts import amount_claims
from tallymark.verify.prose.blanks import blank_claims
from tallymark.verify.prose.changes import change_claims, three_way_claims
from tallymark.verify.prose.claims import Claim, Reader
from tallymark.verify.prose.conflicts import conflict_claims
from tallymark.verify.prose.document import Document, document_of
from tallymark.verify.prose.earlier import earlier_claims
from tallymark.verify.prose.limits import limit_claims
from tallymark.verify.prose.linked import linked_claims
from tallymark.verify.prose.pairs import pair_claims
from tallymark.verify.prose.ratios import ratio_claims
from tallymark.verify.prose.repeats import follows, used_twice
from tallymark.verify.prose.sentences import Sentence, sentences_of, without_shares
from tallymark.verify.prose.sex_ratios import sex_ratio_claims
from tallymark.verify.prose.spoken import (
    fatality_claims,
    listed_shares,
    sampled_claims,
    spoken_claims,
    two_bases,
    whole_claims,
)
from tallymark.verify.prose.tables import table_claims
from tallymark.verify.prose.totals import total_claims

READERS: tuple[Reader, ...] = (
    ratio_claims, change_claims, three_way_claims, total_claims, amount_claims, sex_ratio_claims, limit_claims, blank_claims,
    spoken_claims, sampled_claims, listed_shares, whole_claims, two_bases, fatality_claims,
)  # fmt: skip
"""Claims that a sentence (with what comes before it in its paragraph) makes."""
ACROSS: tuple[Callable[[Sequence[Sentence]], Iterable[Claim]], ...] = (
    used_twice, table_claims, pair_claims, earlier_claims, conflict_claims,
)  # fmt: skip
"""Claims that the whole text makes."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found in a text: its sentences, every claim that could be recomputed, and findings."""

    document: Document
    figures: int
    claims: tuple[Claim, ...]
    findings: tuple[Finding, ...]


def check_text(document: Document | str, *, readers: Sequence[Reader] | None = None) -> Checked:
    """The claims and findings of a text, in the order of the text."""
    document = document_of(document) if isinstance(document, str) else document
    sentences = list(sentences_of(document))
    claims = [claim for sentence in sentences for read in readers or READERS for claim in read(sentence)]
    claims += [claim for sentence in sentences for claim in _of_totals(sentence)]
    claims += [claim for across in ACROSS for claim in across(sentences)]
    claims = list(_once(claims))
    claims += list(linked_claims(document, sentences, claims))
    claims += list(follows(claims))
    order = {id(sentence): place for place, sentence in enumerate(sentences)}
    claims.sort(key=lambda claim: (order[id(claim.sentence)], claim.place))
    figures = sum(len(sentence.figures) for sentence in sentences)
    return Checked(document, figures, tuple(claims), tuple(_findings(document, claims)))


def _of_totals(sentence: Sentence) -> Iterator[Claim]:
    """Totals and wholes of a sentence read without the shares that stand beside their parts."""
    bare = without_shares(sentence)
    if bare is not None:
        for read in (total_claims, whole_claims):
            yield from (replace(claim, sentence=sentence) for claim in read(bare))


def _once(claims: Iterable[Claim]) -> Iterator[Claim]:
    """One claim of each kind about a stated figure: two readers may read the same words."""
    seen: set[tuple[int, int, str]] = set()
    for claim in claims:
        key = (id(claim.sentence), claim.stated.start, claim.code) if claim.stated else None
        if key is None or claim.holds or key not in seen:
            yield claim
        if key is not None and not claim.holds:
            seen.add(key)


def _findings(document: Document, claims: Iterable[Claim]) -> Iterator[Finding]:
    for claim in claims:
        if not claim.holds:
            yield finding_of(document, claim)


def finding_of(document: Document, claim: Claim) -> Finding:
    """A finding that quotes the words, shows the arithmetic and offers the smallest repairs."""
    repairs = " · ".join(claim.repairs)
    sentence = claim.sentence
    return Finding(
        claim.code,
        claim.severity,
        claim.template,
        hint_template=claim.hint,
        values={"quote": claim.quote, "arithmetic": claim.arithmetic, "repairs": repairs}
        | dict(claim.values),
        where=document.where(sentence.block, sentence.start + claim.place),
        evidence={
            "sentence": " ".join(sentence.text.split()),
            "arithmetic": claim.arithmetic,
            "repairs": list(claim.repairs),
        },
    )
