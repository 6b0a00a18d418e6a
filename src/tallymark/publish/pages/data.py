"""The data: files to download and the dictionary that says what every column means."""

from __future__ import annotations

from collections.abc import Sequence

from tallymark.model.tables import STAMP
from tallymark.publish.downloads import STAMP_MEANINGS, Download, specs
from tallymark.publish.html import Pages
from tallymark.publish.numbers import decimal


def write_data(pages: Pages, downloads: Sequence[Download]) -> None:
    """The page of downloads and the data dictionary."""
    edition, words = pages.edition, pages.edition.words
    own = [d for d in downloads if d.language in ("", edition.language)]
    pages.write(
        "data.html",
        "data.html",
        page_title=words("Data"),
        section="data.html",
        downloads=[
            {
                "title": d.meaning[edition.language],
                "name": d.name,
                "href": f"../data/{d.name}",
                "size": size_text(d.bytes),
                "rows": "" if d.rows is None else decimal(d.rows),
            }
            for d in own
        ],
        tables=[
            {
                "name": spec.name,
                "meaning": spec.meaning[edition.language],
                "each": ", ".join(spec.keys),
                "columns": [
                    (column.name, words(kind_name(str(column.type))), column.meaning[edition.language])
                    for column in spec.columns
                ],
            }
            for spec in specs(edition.facts)
        ],
        stamp=[(name, STAMP_MEANINGS[name][edition.language]) for name in STAMP],
    )


def size_text(size: int) -> str:
    """A file's size."""
    return f"{decimal(size / 1e6, 1)} MB" if size >= 1_000_000 else f"{decimal(max(size / 1e3, 1))} kB"


def kind_name(kind: str) -> str:
    """A column's type for people."""
    if kind == "string":
        return "text"
    if kind in ("double", "int64", "int32"):
        return "number"
    return "date" if kind.startswith("date") else "yes or no" if kind == "bool" else kind
