"""YAML as people write it: keys in order, texts readable, comments kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

WIDTH = 110


def write_yaml(path: Path, content: Mapping[str, Any], comments: Sequence[str] = ()) -> None:
    """Write a declared file; comments stand at its end."""
    text = yaml.safe_dump(dict(content), sort_keys=False, allow_unicode=True, width=WIDTH)
    lines = [f"# {line}".rstrip() for comment in comments for line in comment.splitlines()]
    path.write_text(text + "".join(f"{line}\n" for line in lines), encoding="utf-8")
