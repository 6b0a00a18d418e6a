"""Something that an argument names, and that must be there."""

from __future__ import annotations

from pathlib import Path

from tallymark.errors import TallymarkError
from tallymark.findings import did_you_mean


def there(path: Path) -> Path:
    """The path itself; a TallymarkError naming what lies near it when nothing is there."""
    if path.exists():
        return path
    parent = path.absolute().parent
    near = did_you_mean(path.name, [entry.name for entry in parent.iterdir()]) if parent.is_dir() else []
    if near:
        raise TallymarkError(
            "there is no {path}; did you mean {near}?",
            path=path,
            near=", ".join(str(path.parent / name) for name in near),
        )
    raise TallymarkError("there is no {path}", path=path)
