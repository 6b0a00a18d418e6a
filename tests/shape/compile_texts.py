"""Compiles every translation catalogue: `locale/<language>/<stage>.po` → `.mo` beside it."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALE = Path(__file__).parents[2] / "src" / "tallymark" / "locale"


UNDATED = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


def compiled(po: Path) -> bytes:
    """The .mo bytes of a .po file."""
    with po.open("rb") as file:
        catalogue = read_po(file)
    # Without a date of its own Babel writes the present minute, and the same text would never compile to the same bytes.
    catalogue.creation_date = catalogue.revision_date = UNDATED
    out = io.BytesIO()
    write_mo(out, catalogue)
    return out.getvalue()


def main() -> None:
    for po in sorted(LOCALE.glob("*/*.po")):
        po.with_suffix(".mo").write_bytes(compiled(po))


if __name__ == "__main__":
    main()
