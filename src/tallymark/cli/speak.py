"""How commands speak: results to stdout, messages to stderr, JSON on request, progress only on a terminal."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import click

from tallymark.cli.accept import OneOf
from tallymark.findings import Finding
from tallymark.texts import LANGUAGES, Message, told, translate

as_json = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
in_language = click.option(
    "--lang",
    type=OneOf(LANGUAGES),
    default=None,
    callback=lambda ctx, _, value: value or ctx.find_object(str),
    help="Language of messages; the system's when left out.",
)


def shown_language(chosen: str | None) -> str:
    """The chosen language, else Chinese where the system is, else English."""
    if chosen:
        return chosen
    system = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "zh" if system.lower().startswith("zh") else "en"


def asked_language(arguments: Sequence[str]) -> str:
    """The language asked for anywhere on a command line, so that help and mistakes are told in it, too."""
    options = list(arguments[: arguments.index("--")] if "--" in arguments else arguments)
    asked = [after for option, after in pairwise(options) if option == "--lang"]
    asked += [option.removeprefix("--lang=") for option in options if option.startswith("--lang=")]
    return shown_language(next((language for language in reversed(asked) if language in LANGUAGES), None))


def say(message: str, language: str = "en", **values: Any) -> None:
    """A result line on stdout, translated."""
    click.echo(told(Message(message, **values), language))


def complain(message: str) -> None:
    """A message on stderr."""
    click.echo(message, err=True)


def print_json(value: Any) -> None:
    """A JSON document on stdout."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=1, default=str))


def finding_line(finding: Finding, language: str) -> str:
    """`place: severity code: message — hint`, in `language`."""
    hint = finding.hint(language)
    place = f"{finding.where}: " if str(finding.where) else ""
    return (
        f"{place}{translate(finding.severity.value, language)} {finding.code}: {finding.message(language)}"
        + (f" — {hint}" if hint else "")
    )


def finding_dict(finding: Finding, language: str) -> Mapping[str, Any]:
    """A finding for JSON readers."""
    place = {
        name: getattr(finding.where, name)
        for name in (
            "file",
            "line",
            "sheet",
            "cell",
            "row",
            "dataset",
            "item",
            "unit",
            "period",
            "page",
            "paragraph",
        )
        if getattr(finding.where, name) is not None
    }
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "where": place,
        "message": finding.message(language),
        "hint": finding.hint(language),
        "evidence": dict(finding.evidence),
    }


@contextmanager
def progress_shown(language: str) -> Iterator[Callable[[str], None]]:
    """A function that says what is going on: a spinner on a terminal, nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console  # only on a terminal: 60 ms that scripts need not pay

    with Console(stderr=True).status("…") as status:
        yield lambda message: status.update(translate(message, language) + " …")
