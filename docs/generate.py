"""Writes the reference pages from the code: `make docs`, or `python -m docs.generate`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from docs.pages.awards import awards_page
from docs.pages.commands import commands_page
from docs.pages.explanation import explanation_page
from docs.pages.expressions import expressions_page
from docs.pages.findings import findings_page
from docs.pages.flow import flow_page
from docs.pages.markdown import page, table
from docs.pages.population import population_page
from docs.pages.programme import programme_page
from docs.pages.python import python_page
from docs.pages.scenario import scenario_page
from docs.pages.statistics import statistics_page
from docs.pages.tables import tables_page

REFERENCE = Path(__file__).parent / "reference"
PAGES: dict[str, tuple[str, Callable[[], str]]] = {
    "flow.md": ("The line: stages, what each takes and yields", flow_page),
    "programme.md": ("What programme files may say: every key, type and default", programme_page),
    "expressions.md": ("Expressions: operators, functions, what is not allowed", expressions_page),
    "awards.md": ("Awards: how points are earned, with figures and points", awards_page),
    "commands.md": ("Command line: every command's help, exit codes", commands_page),
    "findings.md": ("Findings: every code and what it means", findings_page),
    "tables.md": ("Result tables: every column, in English and Chinese", tables_page),
    "explanation.md": ("Explanations as JSON: every key", explanation_page),
    "statistics.md": ("Statistics: functions, methods, sources", statistics_page),
    "population.md": ("Population: life tables, projections, forecasts, rates", population_page),
    "scenario.md": ("What scenario files of projections may say", scenario_page),
    "python.md": ("Python: the public names", python_page),
}


def index_page() -> str:
    """docs/reference/README.md."""
    rows = [(f"[{name.removesuffix('.md')}]({name})", words) for name, (words, _) in PAGES.items()]
    beside = "Beside these: [tutorial](../tutorial.md), [methods guide](../methods/README.md), [rights gate](../rights-gate.md), [check-text](../check-text.md), [population](../population.md), [draws](../draws.md), [verdicts](../verdicts.md), [decisions](../decisions/)."
    return page("Reference", table(("page", ""), rows), beside)


def pages() -> dict[str, str]:
    """Every page by name."""
    return {"README.md": index_page()} | {name: write() for name, (_, write) in PAGES.items()}


def main() -> None:
    """Writes the pages, and removes those that no longer are."""
    REFERENCE.mkdir(exist_ok=True)
    written = pages()
    for name, text in written.items():
        (REFERENCE / name).write_text(text, encoding="utf-8")
    for path in REFERENCE.glob("*.md"):
        if path.name not in written:
            path.unlink()


if __name__ == "__main__":
    main()
