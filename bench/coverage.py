"""True coverage of nominal 95 % intervals at small n, written to docs/methods/coverage.md. Run: python -m bench.coverage

By enumeration where every outcome can be listed, else by simulation with a fixed seed. To add a section, write a module
beside this one with functions marked `@section`, each returning a Section, and name the module in MODULES.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

PAGE = Path(__file__).parents[1] / "docs" / "methods" / "coverage.md"
MODULES = ("bench.coverage_counts", "bench.coverage_rates", "bench.coverage_ranks")
INTRO = """# True coverage

A 95 % interval should hold the truth 95 times in 100, whatever the truth is. At small numbers few methods do, and
the formula of the textbook (estimate ± 1.96 × standard error) does worst. Here each method that Tallymark offers is
held against every outcome that can occur: coverage is the probability that the interval holds the truth, averaged
over true values, and at the worst of them. Width is averaged in the same way. Written by `python -m bench.coverage`.
"""


class Section(NamedTuple):
    """One table of the page: its title, what was done and what it shows, headings, rows."""

    title: str
    text: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]


SECTIONS: list[Callable[[], Section]] = []


def section(make: Callable[[], Section]) -> Callable[[], Section]:
    """Registers a section of the page."""
    SECTIONS.append(make)
    return make


def percent(share: float) -> str:
    """A share as per cent with one decimal."""
    return f"{100 * share:.1f}"


def page() -> str:
    """The whole page as Markdown."""
    for module in MODULES:
        import_module(module)
    return "\n".join([INTRO, *(markdown(make()) for make in SECTIONS)])


def markdown(made: Section) -> str:
    lines = [
        f"## {made.title}",
        "",
        made.text,
        "",
        _row(made.head),
        _row(["---", *["---:"] * (len(made.head) - 1)]),
    ]
    return "\n".join([*lines, *(_row(row) for row in made.rows), ""])


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def main() -> None:
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    import_module("bench.coverage").main()  # sections register in the module under its own name
