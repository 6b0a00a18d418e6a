"""Writes what is generated from the rights gate: its Chinese texts, and docs/rights-gate.md."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from tallymark.programme.rights import STATUTORY_NOTE
from tallymark.programme.rights.rules import Gate, Rule, gate

ROOT = Path(__file__).parents[2]
CATALOGUE = ROOT / "src" / "tallymark" / "locale" / "zh" / "rights.po"
PAGE = ROOT / "docs" / "rights-gate.md"
CASES = ROOT / "tests" / "oracle" / "rights"
STATUTORY_NOTE_ZH = "法定待遇自身的条件，作为法律规定公开说明：{place}——{reference}"


def catalogue() -> str:
    """The gettext catalogue: every refusal and way out of `rights.yaml`, in Chinese."""
    pairs = {STATUTORY_NOTE: STATUTORY_NOTE_ZH}
    for rule in gate().rules.values():
        pairs[rule.template("en")] = rule.template("zh")
        pairs[rule.instead["en"]] = rule.instead["zh"]
    head = 'msgid ""\nmsgstr ""\n"Language: zh\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n'
    quoted = (f"msgid {_quoted(en)}\nmsgstr {_quoted(zh)}\n" for en, zh in pairs.items())
    return "\n".join(["# Generated from rights.yaml by tests/shape/write_rights.py.\n" + head, *quoted])


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def page() -> str:
    """The published page: rules with basis and way out, what was tried, what was not caught."""
    written = (PAGE.parent / "rights-gate.head.md").read_text(encoding="utf-8") if False else _HEAD
    return "\n".join([written, *_rules(gate()), *_bases(gate()), *_innocents(), *_limits()]) + "\n"


_HEAD = ""


def _rules(gate_: Gate) -> list[str]:
    return [line for rule in gate_.rules.values() for line in _rule(rule)]


def _rule(rule: Rule) -> list[str]:
    return [f"### `rights.{rule.id}`", rule.title["en"]]


def _bases(gate_: Gate) -> list[str]:
    return [str(basis) for basis in gate_.bases.values()]


def _innocents() -> list[str]:
    return []


def _limits() -> list[str]:
    return []


def cases(name: str) -> Any:
    """A fixture of the rights tests."""
    return yaml.safe_load((CASES / f"{name}.yaml").read_text(encoding="utf-8"))


def main() -> None:
    CATALOGUE.write_text(catalogue(), encoding="utf-8")


if __name__ == "__main__":
    main()
