"""The command line: each command's help."""

from __future__ import annotations

import click
from docs.pages.markdown import block, code, page, table

from tallymark.cli import tallymark
from tallymark.cli.commands import COMMANDS, Commands

WIDTH = 100
INTRO = """Results go to stdout, messages to stderr. `--json` gives every result as JSON, `--lang zh` everything that
people read in Chinese; without it the system's language is taken. Progress is shown on a terminal and nowhere
else.

| exit code | |
| --- | --- |
| 0 | fine |
| 1 | findings at severity error; `recompute`: something differs |
| 2 | a mistake in the call, told in one line |
| 130 | stopped with Ctrl-C |"""


def commands_page() -> str:
    """docs/reference/commands.md."""
    group = click.Context(tallymark, info_name="tallymark", obj="en", terminal_width=WIDTH)
    parts = [
        INTRO,
        table(("command", ""), [(code(f"tallymark {name}"), line) for name, line in COMMANDS.items()]),
    ]
    for name in COMMANDS:
        command = tallymark.get_command(group, name)
        assert command is not None
        context = click.Context(
            command, info_name=name, parent=group, terminal_width=WIDTH, help_option_names=["-h", "--help"]
        )
        parts += [f"## `{name}`", block(command.get_help(context))]
        if isinstance(command, Commands):
            for step in command.known:
                inner = command.get_command(context, step)
                assert inner is not None
                within = click.Context(
                    inner,
                    info_name=step,
                    parent=context,
                    terminal_width=WIDTH,
                    help_option_names=["-h", "--help"],
                )
                parts += [f"### `{name} {step}`", block(inner.get_help(within))]
    return page("Command line", *parts)
