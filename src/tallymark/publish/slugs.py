"""File names for codes of any characters, without collisions, on any file system."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping

LONGEST = 48
_RESERVED = frozenset(
    {"con", "prn", "aux", "nul", "index"}
    | {f"{port}{digit}" for port in ("com", "lpt") for digit in range(10)}
)


def file_names(codes: Iterable[str]) -> Mapping[str, str]:
    """Code → file name (without ending) of `[A-Za-z0-9_-]` only, unique even where case is not told apart.

    A code that is such a name already keeps it. Every other one, and every one of several that would meet
    in one name, gets eight digits of the code's own hash, so that a link to it lasts when units are added.
    """
    wanted = {code: _plain(code) for code in codes}
    met = Counter(name.casefold() for name in wanted.values())
    return {
        code: name if name == code and met[name.casefold()] == 1 else f"{name}-{_digest(code)}".lstrip("-")
        for code, name in wanted.items()
    }


def _plain(code: str) -> str:
    ascii_only = unicodedata.normalize("NFKD", code).encode("ascii", "ignore").decode()
    name = re.sub(r"[^A-Za-z0-9_]+", "-", ascii_only).strip("-")[:LONGEST]
    return "" if name.casefold() in _RESERVED else name


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def anchor(*parts: str) -> str:
    """An HTML id from codes: letters, digits, `-`, `_` and `.` stay, the rest becomes its hash."""
    return "-".join(
        part if re.fullmatch(r"[A-Za-z0-9_.-]+", part) else (_plain(part) + _digest(part)) for part in parts
    )
