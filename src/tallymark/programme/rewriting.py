"""Changing a declared file where it says one thing, so that everything else stays: comments, order, spelling.

A change is made in the text, at the place of the value; then the new text is read again and must say exactly what
was asked for. Where it does not (aliases, merged mappings), the change is refused and the file is changed by hand.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from tallymark.errors import TallymarkError
from tallymark.programme.yaml_text import compose, read_yaml

Step = str | int
_PLAIN = re.compile(
    r"[A-Za-z\u3400-\u9fff](?:[\w \u3400-\u9fff.()（）、，。%≥≤–-]*[\w\u3400-\u9fff.()（）。%])?"
)
_NO_TEXT = re.compile(r"(?:true|false|null|yes|no|on|off|y|n)", re.IGNORECASE)
_UNSEEN = re.compile("[^\t -~\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
"""What YAML takes for a control character, a line break or a byte order mark."""
_BLOCK = ("|", ">")


@dataclass(frozen=True, slots=True)
class Put:
    """The value at a path, which is made when its mapping does not have it yet."""

    path: tuple[Step, ...]
    value: Any


@dataclass(frozen=True, slots=True)
class Add:
    """One more entry at the end of the list at a path."""

    path: tuple[Step, ...]
    value: Any


@dataclass(frozen=True, slots=True)
class Drop:
    """Nothing at a path any more."""

    path: tuple[Step, ...]


Edit = Put | Add | Drop


def rewrite(name: str, text: str, edits: Sequence[Edit]) -> str:
    """The text of a YAML file with the edits made, one after the other.

    Errors: TallymarkError when the file cannot be changed at such a place without changing more.
    """
    wanted, fresh = deepcopy(read_yaml(name, text).value), text
    for edit in edits:
        _in_values(name, wanted, edit)
        fresh = _in_text(name, fresh, edit)
    again = read_yaml(name, fresh)
    if again.findings or again.value != wanted:
        raise _by_hand(name, edits[-1].path if edits else ())
    return fresh


def _by_hand(name: str, path: Sequence[Step]) -> TallymarkError:
    return TallymarkError(
        "{file}: `{path}` cannot be changed from here (an alias, or a mapping merged in); change it in the file",
        file=name,
        path=".".join(map(str, path)),
    )


def _in_values(name: str, whole: Any, edit: Edit) -> None:
    """The same edit in plain values: what the new text must say."""
    at = whole
    steps = edit.path if isinstance(edit, Add) else edit.path[:-1]
    try:
        for step in steps:
            at = at[step]
        if isinstance(edit, Add):
            at.append(edit.value)
        elif isinstance(edit, Put):
            at[edit.path[-1]] = edit.value
        else:
            del at[edit.path[-1]]
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise _by_hand(name, edit.path) from error


def _in_text(name: str, text: str, edit: Edit) -> str:
    root = compose(text)
    parent = _node(root, edit.path if isinstance(edit, Add) else edit.path[:-1])
    if isinstance(edit, Add):
        made = _added(text, parent, edit.value) if isinstance(parent, SequenceNode) else None
    elif isinstance(edit, Drop):
        made = _dropped(text, parent, edit.path[-1])
    else:
        made = _put(text, parent, edit.path[-1], edit.value)
    if made is None:
        raise _by_hand(name, edit.path)
    return made


def _node(node: Node | None, path: Sequence[Step]) -> Node | None:
    for step in path:
        if isinstance(node, MappingNode):
            node = next((value for key, value in node.value if key.value == step), None)
        elif isinstance(node, SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
        else:
            return None
    return node


def _put(text: str, parent: Node | None, key: Step, value: Any) -> str | None:
    there = _node(parent, (key,))
    if there is not None:
        start, end = there.start_mark.index, _end(there)
        block = getattr(there, "style", None) in _BLOCK or _is_block(there)
        if block and not isinstance(there, ScalarNode):
            return None
        after = "\n" if block else ""
        before = "" if start == 0 or text[start - 1] in " \n[" else " "
        return text[:start] + before + written(value) + after + text[end:]
    if not isinstance(parent, MappingNode) or not isinstance(key, str):
        return None
    if parent.flow_style:
        return _into_flow(text, parent, f"{key}: {written(value)}")
    last_key, last_value = parent.value[-1]
    line = f"{' ' * last_key.start_mark.column}{key}: {written(value)}\n"
    return _after(text, _end(last_value), line)


def _added(text: str, parent: SequenceNode, value: Any) -> str | None:
    if parent.flow_style:
        return _into_flow(text, parent, written(value))
    last = parent.value[-1]
    line = f"{' ' * parent.start_mark.column}- {written(value)}\n"
    return _after(text, _end(last), line)


def _into_flow(text: str, parent: Node, entry: str) -> str:
    """An entry before the closing bracket."""
    close = parent.end_mark.index - 1
    if not parent.value:
        return text[:close].rstrip() + entry + text[close:]
    last = parent.value[-1][1] if isinstance(parent, MappingNode) else parent.value[-1]
    end = _end(last)
    return f"{text[:end]}, {entry}{text[end:]}"


def _after(text: str, end: int, line: str) -> str:
    """A line of its own below the one in which something ends; a comment beside that stays beside it."""
    if text[end - 1 : end] == "\n":
        return text[:end] + line + text[end:]
    newline = text.find("\n", end)
    if newline < 0:
        return f"{text}\n{line}"
    return text[: newline + 1] + line + text[newline + 1 :]


def _dropped(text: str, parent: Node | None, key: Step) -> str | None:
    """Without an entry; the last one of a list or a mapping stays, as an empty one says something else."""
    if not isinstance(parent, MappingNode | SequenceNode) or len(parent.value) < 2:
        return None
    entries = [pair if isinstance(parent, MappingNode) else (pair, pair) for pair in parent.value]
    names = [pair[0].value for pair in entries] if isinstance(parent, MappingNode) else range(len(entries))
    if key not in names:
        return None
    at = list(names).index(key)
    start, end = entries[at][0].start_mark.index, _end(entries[at][1])
    if parent.flow_style:
        if at + 1 < len(entries):
            return text[:start] + text[entries[at + 1][0].start_mark.index :]
        return text[: _end(entries[at - 1][1])] + text[end:]
    first_of_item = isinstance(parent, MappingNode) and "-" in text[text.rfind("\n", 0, start) + 1 : start]
    if first_of_item and at == 0:
        follows = entries[1][0].start_mark.index
        return None if "#" in text[end:follows] else text[:start] + text[follows:]
    if isinstance(parent, SequenceNode):
        start = text.rfind("-", 0, start)
    start = text.rfind("\n", 0, start) + 1
    if text[start : entries[at][0].start_mark.index].strip(" -"):
        return None  # the entry begins in the line of something else
    if text[end - 1 : end] == "\n":
        return text[:start] + text[end:]
    newline = text.find("\n", end)
    return text[:start] if newline < 0 else text[:start] + text[newline + 1 :]


def _is_block(node: Node) -> bool:
    return isinstance(node, MappingNode | SequenceNode) and not node.flow_style


def _end(node: Node) -> int:
    """Where the last sign of a node stands; LibYAML lets block collections reach to what follows."""
    if _is_block(node) and node.value:
        last = node.value[-1]
        return _end(last[1] if isinstance(node, MappingNode) else last)
    return int(node.end_mark.index)


def written(value: Any) -> str:
    """A value in one line of YAML: texts without quotes where they cannot be misread."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {written(part)}" for key, part in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(written, value)) + "]"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _decimal(value)
    if isinstance(value, int | dt.date):
        return str(value)
    text = str(value)
    safe = _PLAIN.fullmatch(text) and not _NO_TEXT.fullmatch(text)
    return text if safe else _UNSEEN.sub(_escaped, json.dumps(text, ensure_ascii=False))


def _escaped(found: re.Match[str]) -> str:
    code = ord(found.group())
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _decimal(value: float) -> str:
    """The shortest text that reads as the same number, without an exponent where YAML would not know it."""
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    said = repr(value)
    return said if "." in said else said.replace("e", ".0e")
