"""A sheet that names each row's whole path (country, region, district) → a row a unit."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from tallymark.findings import Severity, Where
from tallymark.programme.files import Folder


def slug(name: str) -> str:
    """A name as a part of a code: small letters without accents, other signs become `-`."""
    plain = unicodedata.normalize("NFKD", name)
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return re.sub(r"[^\w]+", "-", unicodedata.normalize("NFKC", plain).casefold()).strip("-_") or "x"


def folded(cell: Any) -> str:
    """A cell as a name: text with one space between words, none around (no-break spaces too)."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return " ".join(str(cell).split())


def rows_of_paths(
    folder: Folder,
    file: str,
    rows: Sequence[tuple[int, tuple[Any, ...]]],
    *,
    path: Sequence[tuple[str, int]],
    attributes: Mapping[str, int],
) -> list[dict[str, Any]]:
    """A row for every unit named on the way, its code the slugs of its path joined by `/`.

    A name counts as the same with other spaces or capitals. Attributes belong to the deepest unit of a row.
    """
    found: dict[str, dict[str, Any]] = {}
    codes: dict[tuple[str, ...], str] = {}
    for line, cells in rows:
        names = [folded(cells[at]) if at < len(cells) else "" for _, at in path]
        while names and not names[-1]:
            names.pop()
        if not names:
            continue
        if "" in names:
            gap = path[names.index("")][0]
            folder.wrong("wrong_value", Where(file=file, line=line), "'{name}' is named without its {level}",
                         "fill the empty cell", name=names[-1], level=gap)  # fmt: skip
            continue
        code = ""
        for depth, name in enumerate(names):
            key = tuple(part.casefold() for part in names[: depth + 1])
            parent, code = (
                code,
                codes.get(key) or _code(folder, found, code, name, Where(file=file, line=line)),
            )
            if key not in codes:
                codes[key] = code
                found[code] = {"unit": code, "name": name, "level": path[depth][0], "parent": parent or None,
                               "_file": file, "_line": line}  # fmt: skip
        found[code] |= {name: cells[at] for name, at in attributes.items() if at < len(cells)}
    return list(found.values())


def _code(folder: Folder, taken: Mapping[str, Any], parent: str, name: str, where: Where) -> str:
    plain = f"{parent}/{slug(name)}" if parent else slug(name)
    code, count = plain, 1
    while code in taken:
        count += 1
        code = f"{plain}-{count}"
    if count > 1:
        folder.wrong(
            "duplicate", where, "'{name}' and '{other}' differ only in signs; they are kept as two units",
            "write the name the same way everywhere if they are one", severity=Severity.WARNING,
            name=name, other=taken[plain]["name"],
        )  # fmt: skip
    return code
