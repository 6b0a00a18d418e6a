"""The commands in the order of the flow, with one line each, so that `--help` imports none of them."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

import click

from tallymark.cli.command import language_of, write_help, write_options, write_usage
from tallymark.errors import TallymarkError
from tallymark.findings import known_words
from tallymark.texts import translate

COMMANDS = {
    "new": "Start a programme from a small, working example.",
    "lint": "Find every problem in a programme's files.",
    "receive": "Take a delivered file into the store.",
    "assess": "Measure, verify and score a contract.",
    "findings": "Show what was found wrong in a run or a store.",
    "verdicts": "Show what verification decided about every value.",
    "explain": "Show where a figure comes from, down to its rows.",
    "recompute": "Make a run again and say whether it is the same.",
    "publish": "Write a run as pages, workbook and open data.",
    "serve": "Show a published site in a browser.",
    "import-dhis2": "Turn DHIS2 metadata into a programme.",
    "demo": "Build the demo county and show it.",
    "vault": "Read what identifies people, apart from the store, for a declared purpose.",
    "tokens": "Turn an office's list into tokens that can be linked without showing names.",
    "link": "Set records of the same births at several offices against each other.",
    "check-text": "Recompute the figures that a report quotes.",
    "project": "Project a population from a scenario file.",
    "draw": "Draw whom to inspect: committed in advance, redrawn by anyone.",
}


class Commands(click.Group):
    """A group whose commands are modules of a package, imported when called."""

    known: Mapping[str, str] = COMMANDS
    package = "tallymark.cli"
    heading = "Commands, in the order of the flow"

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.known)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.known:
            return None
        module = import_module(f"{self.package}.{cmd_name.replace('-', '_')}")
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in self.known:
            raise TallymarkError(
                "there is no command '{name}'; {known}", name=args[0], known=known_words(args[0], self.known)
            )
        return super().resolve_command(ctx, args)

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        write_usage(self, ctx, formatter)

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        write_help(self, ctx, formatter)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        write_options(self, ctx, formatter)
        self.format_commands(ctx, formatter)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        language = language_of(ctx)
        with formatter.section(translate(self.heading, language)):
            formatter.write_dl([(name, translate(line, language)) for name, line in self.known.items()])
