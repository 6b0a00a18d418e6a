"""Draws the pictures of the methods guide: `python -m docs.pictures`."""

from __future__ import annotations

from pathlib import Path

from docs.pictures import PICTURES

FOLDER = Path(__file__).parent.parent / "methods" / "pictures"


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, draw in PICTURES.items():
        (FOLDER / f"{name}.svg").write_text(draw(), encoding="utf-8")


if __name__ == "__main__":
    main()
