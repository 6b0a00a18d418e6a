"""The command line: one thin module a command, imported only when it is called."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import click

from tallymark.cli.command import told_mistake
from tallymark.cli.commands import Commands
from tallymark.cli.speak import asked_language, complain, finding_line, in_language, shown_language
from tallymark.errors import ProgrammeError, TallymarkError
from tallymark.findings import errors_among
from tallymark.room import is_full, no_room
from tallymark.texts import Message, told

FINE, FOUND, MISTAKE, STOPPED = 0, 1, 2, 130


@click.command(
    cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(package_name="tallymark", message="tallymark %(version)s")
@in_language
def tallymark(lang: str | None) -> None:
    """Tallymark 正 — make public programmes count straight and score fairly."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs a command and ends the process: 0 fine, 1 findings at severity error, 2 the user's mistake."""
    for stream in (sys.stdout, sys.stderr):
        # A file name or a Chinese text that the terminal cannot show is no reason to stop.
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    code = run(list(sys.argv[1:] if arguments is None else arguments))
    try:
        sys.stdout.flush()
    except OSError:
        # Whoever read our output has gone, or there is no room: the rest goes nowhere, without complaint.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)


def run(arguments: list[str]) -> int:
    """The exit code of a command line."""
    language = asked_language(arguments)
    try:
        with tallymark.make_context("tallymark", list(arguments), obj=language) as context:
            code = tallymark.invoke(context)
        sys.stdout.flush()
        return code if isinstance(code, int) else FINE
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        complain(error.format_message())
        return MISTAKE
    except ProgrammeError as error:
        return _refused(error, language)
    except TallymarkError as error:
        return _mistaken(told(error, language))
    except click.ClickException as error:
        return _mistaken(told(told_mistake(error), language) + _where_to_look(error, language))
    except (click.Abort, KeyboardInterrupt):
        return STOPPED
    except BrokenPipeError:
        return FINE
    except OSError as error:
        # Not our bug: the system refuses (no room, no permission, a name too long).
        if is_full(error):
            return _mistaken(told(no_room(TallymarkError, error.filename or os.getcwd(), error), language))
        refusal = Message(
            "the system refuses {file}: {why}", file=error.filename or "–", why=error.strerror or error
        )
        return _mistaken(told(refusal, language))
    except (ImportError, SystemError) as error:
        if _interrupted(error):
            return STOPPED
        raise


def _interrupted(error: BaseException | None) -> bool:
    """Whether Ctrl-C is behind an error: compiled modules turn it into one of their own while they are imported."""
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__cause__ or error.__context__
    return error is not None


def _refused(error: ProgrammeError, language: str) -> int:
    errors = errors_among(error.findings)
    if not errors:
        return _mistaken(told(error, language))
    for finding in errors:
        complain(finding_line(finding, language))
    stopped = Message("the programme cannot be used before these are put right: {count}", count=len(errors))
    complain(f"tallymark: {told(stopped, language)}")
    return FOUND


def _mistaken(message: str) -> int:
    complain("tallymark: " + " ".join(message.split("\n")))
    return MISTAKE


def _where_to_look(error: click.ClickException, language: str) -> str:
    context = getattr(error, "ctx", None)
    if not context:
        return ""
    return " " + told(Message("(see '{command} --help')", command=context.command_path), language)


__all__ = ["main", "run", "shown_language"]
