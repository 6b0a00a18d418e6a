"""The JSON Schema: complete, described, without dangling references."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tallymark.programme.schema import json_schema
from tallymark.programme.written import WrittenFolder
from tallymark.programme.written.contract import WrittenContract
from tallymark.programme.written.figures import WrittenIndicator

SCHEMA = json_schema()


def nodes(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
    for part in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from nodes(part)


def test_every_section_is_there_with_a_description_and_none_is_required_of_a_file() -> None:
    assert set(SCHEMA["properties"]) == set(WrittenFolder.model_fields)
    assert all(section["description"] for section in SCHEMA["properties"].values())
    assert "required" not in SCHEMA
    assert SCHEMA["additionalProperties"] is False
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_references_lead_somewhere_and_it_is_plain_json() -> None:
    found = {node["$ref"] for node in nodes(SCHEMA) if "$ref" in node}
    assert {reference.removeprefix("#/$defs/") for reference in found} <= set(SCHEMA["$defs"])
    assert json.loads(json.dumps(SCHEMA)) == SCHEMA


def test_keys_and_allowed_words_are_those_of_the_models() -> None:
    indicator = SCHEMA["$defs"]["WrittenIndicator"]
    assert set(indicator["properties"]) == set(WrittenIndicator.model_fields)
    assert indicator["properties"]["direction"]["enum"] == ["higher", "lower", "none"]
    assert indicator["additionalProperties"] is False
    assert set(SCHEMA["$defs"]["WrittenContract"]["properties"]) == set(WrittenContract.model_fields)
    awards = SCHEMA["$defs"]["WrittenLine"]["properties"]["award"]["oneOf"]
    kinds = [
        SCHEMA["$defs"][award["$ref"].removeprefix("#/$defs/")]["properties"]["kind"]["const"]
        for award in awards
    ]
    assert "proportional" in kinds
    assert len(kinds) == 8


def test_names_that_match_no_pattern_are_refused_and_keys_are_left_out_rather_than_null() -> None:
    assert all(node["additionalProperties"] is False for node in nodes(SCHEMA) if "patternProperties" in node)
    keys = [key for model in SCHEMA["$defs"].values() for key in model.get("properties", {}).values()]
    assert not [
        key for key in keys if {"type": "null"} in key.get("anyOf", ()) and key.get("default") is None
    ]


def test_every_kind_of_declaration_says_what_it_is() -> None:
    assert [name for name, node in SCHEMA["$defs"].items() if not node.get("description")] == []
