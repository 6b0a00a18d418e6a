"""Columns of the oracles' CSV files: numbers with blank and NA as NaN, words as they are."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest

ORACLES = Path(__file__).parents[3] / "shared" / "data" / "oracles"
ABSENT = ("", "NA")


def oracle(folder: str) -> tuple[Path, Any]:
    """The folder of an oracle, and the mark that skips its tests where it is absent."""
    path = ORACLES / folder
    return path, pytest.mark.skipif(not path.is_dir(), reason=f"../shared/data/oracles/{folder} is not here")


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def numbers(table: list[dict[str, str]], name: str) -> np.ndarray:
    return np.array([float(row[name]) if row[name] not in ABSENT else np.nan for row in table])


def groups(table: list[dict[str, str]], *names: str) -> dict[tuple[str, ...], list[dict[str, str]]]:
    """Rows by the words in some columns, in the order of the file."""
    found: dict[tuple[str, ...], list[dict[str, str]]] = {}
    for row in table:
        found.setdefault(tuple(row[name] for name in names), []).append(row)
    return found
