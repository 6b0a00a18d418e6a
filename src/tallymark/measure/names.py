"""Under what names figures are kept: a column by the test that its rows meet, not by the measure that asks for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tallymark.engine.compile import matching
from tallymark.engine.sql import exact, formula
from tallymark.measure.patterns import Test, tests_of
from tallymark.measure.plan import Strand
from tallymark.store import dataset_schema
from tallymark.store.partials import digest


@dataclass(frozen=True, slots=True)
class Names:
    """The columns of a strand's figures, each with the name that it is kept under."""

    leaves: Mapping[str, str]
    """Of counts, at the leaves."""
    above: Mapping[str, str]
    """The same where figures are rolled up: instead of a sum's rows it has where the sum is not usable."""
    wholes: Mapping[str, str]
    """Measure of a sum → the name of its whole numbers."""

    @classmethod
    def of(cls, strand: Strand) -> Names:
        """The names of a strand's columns."""
        schema, tests = dataset_schema(strand.dataset), tests_of(strand)

        def named(test: Test) -> str:
            kinds = [(one, str(schema.field(one).type)) for one in sorted(test.reads)]
            return "n" + digest(test.sql, kinds)

        leaves = {name: named(test) for name, test in tests.items()}
        above, wholes = dict(leaves), dict[str, str]()
        for p in strand.counted:
            if p.measure.aggregate == "sum" and p.measure.of is not None:
                rows = matching(p.value)
                above[rows] = "g" + digest(leaves[rows], leaves[p.value])
                wholes[p.value] = "w" + digest(exact(formula(p.measure.of)), leaves[p.value])
        return cls(leaves, above, wholes)

    def lacking(self, strand: Strand, there: Sequence[set[str]]) -> list[int]:
        """Numbers of the measures of which some of these (columns that are kept) has not all columns."""
        found = []
        for p in strand.counted:
            mine = {self.above[p.value]}
            if p.value in self.wholes:
                mine |= {self.above[matching(p.value)], self.wholes[p.value]}
            if any(not mine <= one for one in there):
                found.append(p.number)
        return found


def shape(strand: Strand) -> str:
    """What the cells of a strand's leaves are, whatever is counted in them."""
    schema = dataset_schema(strand.dataset)
    columns = [(name, str(schema.field(name).type)) for _, name in strand.breakdowns]
    return digest(strand.dataset.name, columns, strand.dataset.due_days is not None)
