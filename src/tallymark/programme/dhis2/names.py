"""Names of ours for things of DHIS2: readable, unique, the same every time."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

LONGEST = 60


def slug(text: str) -> str:
    """A name that expressions can use, made of a title: `Penta1 doses given` → `penta1_doses_given`."""
    spoken = (
        text.replace("<", " under ").replace(">", " over ").replace("%", " percent ").replace("+", " plus ")
    )
    plain = unicodedata.normalize("NFKD", spoken).encode("ascii", "ignore").decode()
    name = re.sub(r"[^a-z0-9]+", "_", plain.lower()).strip("_")[:LONGEST].rstrip("_")
    return name if name and name[0].isalpha() else f"x_{name}".rstrip("_")


def unique_names(titles: Iterable[tuple[str, str]], taken: Iterable[str] = ()) -> dict[str, str]:
    """uid → name for (uid, title) pairs; the second of the same name ends in `_2`, and so on."""
    used = set(taken)
    found: dict[str, str] = {}
    for uid, title in titles:
        name, number = slug(title), 2
        while name in used:
            name, number = f"{slug(title)}_{number}", number + 1
        used.add(name)
        found[uid] = name
    return found
