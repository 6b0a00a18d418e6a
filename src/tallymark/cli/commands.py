"""The commands in the order of the flow, with one line each, so that `--help` imports none of them."""

from __future__ import annotations

from importlib import import_module

import click

from tallymark.findings import did_you_mean

COMMANDS = {
    "new": "Start a programme from a small, working example.",
    "lint": "Find every problem in a programme's files.",
    "receive": "Take a delivered file into the store.",
    "assess": "Measure, verify and score a contract.",
    "findings": "Show what was found wrong in a run or a store.",
    "explain": "Show where a figure comes from, down to its rows.",
    "recompute": "Make a run again and say whether it is the same.",
    "publish": "Write a run as pages, workbook and open data.",
    "serve": "Show a published site in a browser.",
    "import-dhis2": "Turn DHIS2 metadata into a programme.",
    "demo": "Build the demo county and show it.",
}


class Commands(click.Group):
    """A group whose commands are modules of this package, imported when called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"tallymark.cli.{cmd_name.replace('-', '_')}")
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in COMMANDS:
            near = did_you_mean(name, COMMANDS, most=1)
            ctx.fail(f"there is no command '{name}'" + (f"; did you mean '{near[0]}'?" if near else ""))
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands, in the order of the flow"):
            formatter.write_dl(list(COMMANDS.items()))
