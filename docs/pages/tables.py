"""The result tables of a run, in English and Chinese."""

from __future__ import annotations

from docs.pages.markdown import anchor, code, page, table

from tallymark.model.tables import STAMP, TABLES

STAMPED = ", ".join(code(name) for name in STAMP)
INTRO = f"""A run is a folder: one Parquet file a table, the frozen programme, and `manifest.json` with what went in and
the hash of everything that came out. Every row also carries {STAMPED}. Tables of half a million rows or more are a folder
with a file a period instead, which runs share where nothing changed; there the manifest says what rows elsewhere carry.
Missing is NULL, never zero."""


def tables_page() -> str:
    """docs/reference/tables.md."""
    parts = [
        INTRO,
        table(
            ("table", "what it holds", "内容"),
            [
                (f"[{code(name)}]({anchor(name)})", one.meaning.en, one.meaning.zh)
                for name, one in TABLES.items()
            ],
        ),
    ]
    for name, one in TABLES.items():
        keys = ", ".join(code(key) for key in one.keys)
        parts += [
            f"## `{name}`",
            f"{one.meaning.en} · {one.meaning.zh}" + (f". One row for each {keys}." if keys else "."),
            table(
                ("column", "type", "meaning", "含义"),
                [
                    (code(column.name), str(column.type), column.meaning.en, column.meaning.zh)
                    for column in one.columns
                ],
            ),
        ]
    return page("Result tables", *parts)
