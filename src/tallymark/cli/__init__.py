"""The command line: one thin module a command, imported only when it is called."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from tallymark.cli.commands import Commands
from tallymark.cli.speak import complain, shown_language
from tallymark.errors import ProgrammeError, TallymarkError

FINE, FOUND, MISTAKE, STOPPED = 0, 1, 2, 130


@click.command(
    cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(package_name="tallymark", message="tallymark %(version)s")
def tallymark() -> None:
    """Tallymark 正 — make public programmes count straight and score fairly."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs a command and ends the process: 0 fine, 1 findings at severity error, 2 the user's mistake."""
    sys.exit(run(list(sys.argv[1:] if arguments is None else arguments)))


def run(arguments: list[str]) -> int:
    """The exit code of a command line."""
    try:
        code = tallymark.main(args=arguments, prog_name="tallymark", standalone_mode=False)
        return code if isinstance(code, int) else FINE
    except ProgrammeError as error:
        for finding in error.findings:
            complain(str(finding))
        complain(str(error))
        return FOUND
    except TallymarkError as error:
        complain(f"tallymark: {error}")
        return MISTAKE
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return MISTAKE
    except click.ClickException as error:
        complain(f"tallymark: {error.format_message()}" + _where_to_look(error))
        return MISTAKE
    except (click.Abort, KeyboardInterrupt):
        return STOPPED
    except BrokenPipeError:
        sys.stderr.close()
        return FINE


def _where_to_look(error: click.ClickException) -> str:
    context = getattr(error, "ctx", None)
    return f" (see '{context.command_path} --help')" if context else ""


__all__ = ["main", "run", "shown_language"]
