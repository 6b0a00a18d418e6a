"""The JSON Schema of programme files, from the written models, so that editors complete and check them."""

from __future__ import annotations

from typing import Any

from tallymark.programme.written import WrittenFolder

DRAFT = "https://json-schema.org/draft/2020-12/schema"
SECTIONS = {
    "programme": "The head of the programme: code, title, levels, calendar. Once, in any file.",
    "units": "Where the units come from and how they changed. Once, in any file.",
    "datasets": "Tables of facts: events, reports, stocks. Name → declaration.",
    "sources": "How the files that people send map to datasets. Name → declaration.",
    "measures": "Quantities counted over a dataset. Name → declaration.",
    "indicators": "Figures made from measures. Name → declaration.",
    "composites": "Several figures as one, by weights. Name → declaration.",
    "checks": "Conditions that the data must meet. Name → declaration.",
    "verifications": "What is recounted, and what a recount does to a value. Name → declaration.",
    "patterns": "Patterns looked for in reported values. Once, in any file.",
    "disclosure": "Which counts of people are withheld from releases, and down to which detail. Once, in any file.",
    "hearing": "How long units may answer a finding before it names them in public. Once, in any file.",
    "review": "A ready-made data quality review. Once, in any file.",
    "waivers": "Findings waived for a unit, period or item: why, by whom, until when. Spread over files as you like.",
    "contracts": "Annual responsibility contracts. Code → declaration.",
    "allocations": "Totals given out to units. Code → declaration.",
    "linkages": "Lists of the same births, vaccinations or care, to be set against each other. Name → declaration.",
    "tests": "Rows in, figures out: tests of the programme itself.",
}


def json_schema() -> dict[str, Any]:
    """The schema (2020-12) of one programme file; sections may be spread over files, so none is required."""
    schema = WrittenFolder.model_json_schema()
    del schema["required"]
    plain: dict[str, Any] = _plain(schema)
    for section, description in SECTIONS.items():
        plain["properties"][section]["description"] = description
    head = {"$schema": DRAFT, "title": "Tallymark programme file", "description": "See `tallymark lint`."}
    return {**head, **{key: value for key, value in plain.items() if key not in head}}


def _plain(node: Any) -> Any:
    """The schema without what only OpenAPI knows, and with names that match no pattern refused."""
    if isinstance(node, list):
        return [_plain(part) for part in node]
    if not isinstance(node, dict):
        return node
    found = {key: _plain(value) for key, value in node.items() if key != "discriminator"}
    if isinstance(found.get("title"), str) and ("type" in found or "anyOf" in found or "oneOf" in found):
        del found["title"]
    if "patternProperties" in found:
        found["additionalProperties"] = False
    if found.get("anyOf") and {"type": "null"} in found["anyOf"] and found.get("default", 0) is None:
        # Keys are left out, not written as null.
        others = [part for part in found["anyOf"] if part != {"type": "null"}]
        del found["anyOf"], found["default"]
        found |= others[0] if len(others) == 1 else {"anyOf": others}
    return found
