"""One YAML file → plain values with the place of each; every trap of YAML becomes a finding.

Values are read as YAML 1.2 reads them: only true and false are booleans, numbers with a leading zero stay
text, `1:30` stays text, dates are dates.
"""

from __future__ import annotations

import datetime as dt
import re
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml._yaml import CParser
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from yaml.resolver import BaseResolver

from tallymark.findings import Finding, Severity, Where

MOST_VALUES = 500_000
"""Values in one file, aliases unfolded; a programme of 500 indicators has some 10,000."""
MOST_DEPTH = 60
_DEEP_INDENT = re.compile(r"^ {400}|(?:[-?:] ){100}", re.MULTILINE)
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_TRUTH = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_NUMBER = re.compile(r"[-+]?(?:(?:0|[1-9][0-9]*)?\.[0-9]+|(?:0|[1-9][0-9]*)\.?)(?:[eE][-+]?[0-9]+)?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|nan)", re.IGNORECASE)
_FIRST = frozenset("-+.0123456789~nNtTfF")


_TAGS = {
    ScalarNode: "tag:yaml.org,2002:str",
    MappingNode: "tag:yaml.org,2002:map",
    SequenceNode: "tag:yaml.org,2002:seq",
}


class _Parser(CParser, BaseResolver):
    """LibYAML's parser without PyYAML's guesses at types."""

    def __init__(self, text: str) -> None:
        CParser.__init__(self, text)
        BaseResolver.__init__(self)

    def resolve(self, kind: type[Node], value: object, implicit: object) -> str:
        """The tag of a node without one: everything is text until `_Reader.scalar` looks at it."""
        return _TAGS[kind]

    def descend_resolver(self, current_node: object, current_index: object) -> None:
        """Nothing: no tag depends on the path."""

    def ascend_resolver(self) -> None:
        """Nothing: no tag depends on the path."""


@dataclass(slots=True)
class YamlFile:
    """A file's content. `places`: path → (line, column) of its key or list entry, from 1."""

    name: str
    value: Any = None
    places: dict[tuple[str | int, ...], tuple[int, int]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def wrong(self, code: str, line: int, template: str, hint: str = "", **values: object) -> None:
        """Adds an error at a line."""
        where = Where(file=self.name, line=line)
        self.findings.append(Finding(f"programme.{code}", Severity.ERROR, template, hint, values, where))


def read_yaml(name: str, text: str) -> YamlFile:
    """What the text of a YAML file says, with `findings`; what could not be read is left out."""
    file = YamlFile(name)
    node = _compose(file, text)
    if node is not None:
        try:
            file.value = _Reader(file).value(node, (), 0)
        except _TooMuch as error:
            file.value = None
            file.wrong("yaml_size", error.line, error.template, "write it out without aliases within aliases")
    return file


def compose(text: str) -> Node | None:
    """The nodes of a text that `read_yaml` can read, each with its place."""
    node: Node | None = _Parser(text).get_single_node()
    return node


class _TooMuch(Exception):
    def __init__(self, line: int, template: str) -> None:
        super().__init__(template)
        self.line = line
        self.template = template


def _compose(file: YamlFile, text: str) -> Node | None:
    if too_deep(text):
        file.wrong("yaml_size", 1, "the file is nested too deeply to be a programme")
        return None
    try:
        node: Node | None = _Parser(text).get_single_node()
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1 if isinstance(error.position, int) else 1
        file.wrong(
            "yaml",
            line,
            "a control character stands in the file",
            "delete it; it does not show in most editors",
        )
        return None
    except yaml.MarkedYAMLError as error:
        _syntax(file, text, error)
        return None
    return node


def too_deep(text: str) -> bool:
    """Whether brackets or indentation go deeper than LibYAML's recursion can take."""
    if _DEEP_INDENT.search(text):
        return True
    depth = 0
    for bracket in re.findall(r"[\[\]{}]", text):
        depth += 1 if bracket in "[{" else -1
        if depth > 400:
            return True
    return False


_HINTS = (
    ("mapping values are not allowed", "a colon and a space stand inside a text: put the text in quotes"),
    ("did not find expected ',' or '}'", "a bracket is open, or a text with a comma or colon needs quotes"),
    ("did not find expected ',' or ']'", "a square bracket is open, or a text with a comma needs quotes"),
    ("did not find expected key", "the indentation of this line does not fit the lines above"),
    ("did not find expected '-'", "the indentation of this line does not fit the lines above"),
    ("could not find expected ':'", "a key needs a colon and a space after it"),
    ("unexpected end of stream", "a quotation mark is not closed"),
    ("another document", "write one document a file: delete the line ---"),
    ("undefined alias", "a text that starts with * needs quotes"),
    ("cannot start any token", "a text that starts with @, `, % or a tab needs quotes"),
)  # fmt: skip


def _syntax(file: YamlFile, text: str, error: yaml.MarkedYAMLError) -> None:
    mark = error.problem_mark or error.context_mark
    problem = error.problem or "it cannot be read"
    lines = text.split("\n")
    at = min(mark.line if mark else 0, max(len(lines) - 1, 0))
    while at > 0 and not lines[at].strip():
        at -= 1
    if "\t" in lines[at][: len(lines[at]) - len(lines[at].lstrip())]:
        file.wrong(
            "yaml", at + 1, "a tab stands where the indentation should be spaces", "replace it with spaces"
        )
        return
    hint = next((hint for part, hint in _HINTS if part in problem), "look at this line and the one above")
    if problem.startswith("mapping values") and ": " not in lines[at][: mark.column if mark else 0]:
        hint = "the indentation of this line does not fit the lines above"
    file.wrong("yaml", at + 1, "not valid YAML: {problem}", hint, problem=problem)


def _is_merge(key: ScalarNode) -> bool:
    return key.value == "<<" and not key.style


class _Reader:
    def __init__(self, file: YamlFile) -> None:
        self.file = file
        self.count = 0

    def counted(self, node: Node, depth: int) -> None:
        self.count += 1
        if self.count > MOST_VALUES or depth > MOST_DEPTH:
            raise _TooMuch(node.start_mark.line + 1, "aliases unfold to far more than the file says")

    def value(self, node: Node, path: tuple[str | int, ...], depth: int) -> Any:
        self.counted(node, depth)
        if isinstance(node, ScalarNode):
            return self.scalar(node)
        if node.tag not in ("tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"):
            self.tag(node)
        if isinstance(node, MappingNode):
            return self.mapping(node, path, depth)
        found = []
        for at, part in enumerate(node.value):
            self.file.places[*path, at] = (part.start_mark.line + 1, part.start_mark.column + 1)
            found.append(self.value(part, (*path, at), depth + 1))
        return found

    def mapping(self, node: MappingNode, path: tuple[str | int, ...], depth: int) -> dict[str, Any]:
        # Merged mappings first, so that places and values of the mapping's own keys stand.
        merged = self.merges(node, path, depth)
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line, column = key_node.start_mark.line + 1, key_node.start_mark.column + 1
            if not isinstance(key_node, ScalarNode):
                self.file.wrong("yaml", line, "a key is one word or text, not a list or a mapping")
                continue
            if _is_merge(key_node):
                continue
            key = str(key_node.value)
            if key in found:
                self.twice(line, key, self.file.places[*path, key][0])
                continue
            self.file.places[*path, key] = (line, column)
            found[key] = self.value(value_node, (*path, key), depth + 1)
        return {**merged, **found} if merged else found

    def merges(self, node: MappingNode, path: tuple[str | int, ...], depth: int) -> dict[str, Any]:
        """What `<<` brings into a mapping; of several mappings the first that has a key counts."""
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if isinstance(key_node, ScalarNode) and _is_merge(key_node):
                parts = value_node.value if isinstance(value_node, SequenceNode) else [value_node]
                for part in reversed(parts):
                    if isinstance(part, MappingNode):
                        self.counted(part, depth)
                        found |= self.mapping(part, path, depth + 1)
                    else:
                        line = value_node.start_mark.line + 1
                        self.file.wrong("yaml", line, "<< takes a mapping (*anchor), nothing else")
        return found

    def twice(self, line: int, key: str, first: int) -> None:
        message = "'{key}' stands twice in one mapping, first in line {first}"
        self.file.wrong("yaml_duplicate", line, message, "delete or rename one of them", key=key, first=first)

    def scalar(self, node: ScalarNode) -> Any:
        text = str(node.value)
        if node.tag != "tag:yaml.org,2002:str":
            self.tag(node)
        if node.style or (text and text[0] not in _FIRST):  # plain has no style
            return text
        if text in _NULL:
            return None
        if text in _TRUTH:
            return _TRUTH[text]
        return self.number(node, text)

    def number(self, node: ScalarNode, text: str) -> Any:
        if _INTEGER.fullmatch(text):
            return int(text) if len(text) < 300 else text
        if _NUMBER.fullmatch(text):
            return float(text)
        line = node.start_mark.line + 1
        if _DAY.fullmatch(text):
            with suppress(ValueError):  # stays text; where a day is needed, 30 February is found there
                return dt.date.fromisoformat(text)
        elif _NOT_FINITE.fullmatch(text):
            self.file.wrong("yaml_value", line, "{value} is not a number that can be used", value=text)
            return None
        return text

    def tag(self, node: Node) -> None:
        if node.tag == "!":
            return
        tag = str(node.tag).replace("tag:yaml.org,2002:", "!!")
        hint = "leave it out; a number that is meant as text goes in quotes"
        self.file.wrong("yaml", node.start_mark.line + 1, "the tag {tag} is not allowed", hint, tag=tag)
