"""`tallymark check-text`: the figures of a report recomputed."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from tallymark.cli.accept import Place
from tallymark.cli.command import Command
from tallymark.cli.speak import (
    as_json,
    finding_dict,
    finding_line,
    in_language,
    print_json,
    say,
    shown_language,
)
from tallymark.cli.there import there
from tallymark.findings import errors_among
from tallymark.verify.prose import Checked, check_text
from tallymark.verify.prose.document import Document
from tallymark.verify.prose.reading import plain_document, read_document


@click.command(cls=Command)
@click.argument("report", type=Place())
@click.option(
    "--all", "everything", is_flag=True, help="Also show every figure that was recomputed and holds."
)
@as_json
@in_language
def command(report: Path, everything: bool, as_json: bool, lang: str | None) -> int:
    """Recompute the figures that REPORT quotes (.docx, .pdf, .html, .md, .txt, or - for standard input)."""
    language = shown_language(lang)
    checked = check_text(_document(report))
    found = checked.findings
    if as_json:
        print_json(_shown(checked, language))
    else:
        if everything:
            for claim in checked.claims:
                if claim.holds:
                    where = checked.document.where(claim.sentence.block, claim.sentence.start + claim.place)
                    say(
                        "{place}: holds: “{quote}”: {arithmetic}",
                        language,
                        place=where,
                        quote=claim.quote,
                        arithmetic=claim.arithmetic,
                    )
        for finding in found:
            click.echo(finding_line(finding, language))
        say(
            "Figures: {figures}; recomputed: {claims}; findings: {findings}", language,
            figures=checked.figures, claims=len(checked.claims), findings=len(found),
        )  # fmt: skip
    return 1 if errors_among(found) else 0


def _document(report: Path) -> Document:
    if str(report) == "-":
        return plain_document(sys.stdin.buffer.read(), "-")
    return read_document(there(report))


def _shown(checked: Checked, language: str) -> Mapping[str, Any]:
    return {
        "file": checked.document.name,
        "figures": checked.figures,
        "recomputed": [
            {"code": claim.code, "quote": claim.quote, "arithmetic": claim.arithmetic, "holds": claim.holds}
            for claim in checked.claims
        ],
        "findings": [finding_dict(finding, language) for finding in checked.findings],
    }
