"""What scenario files may say: every key, type and default, from the written models."""

from __future__ import annotations

from docs.pages.markdown import page
from docs.pages.programme import described_model

from tallymark.programme.written.parts import Bilingual
from tallymark.projection.tables import HEADINGS
from tallymark.projection.written import WrittenProjection

INTRO = """`tallymark project SCENARIO.yaml OUT` reads one YAML file with `projection:` and the CSV tables that it names, beside
it. A key that is not listed here is an error with a suggestion. An example with everything: [county.yaml](../population/county.yaml),
told step by step in [Population](../population.md)."""


def scenario_page() -> str:
    """docs/reference/scenario.md."""
    heads = "\n".join(f"- `{column}`: {', '.join(words)}" for column, words in HEADINGS.items())
    tables = f"Columns of tables, and how their headings may read:\n\n{heads}"
    return page(
        "Scenario files", INTRO, tables, *described_model(WrittenProjection, {Bilingual}, "`projection`")
    )
