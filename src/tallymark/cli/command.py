"""Commands whose help reads in the reader's language, and that say what is wrong with a call in one sentence."""

from __future__ import annotations

from collections.abc import Mapping
from inspect import cleandoc

import click

from tallymark.cli.accept import shown
from tallymark.cli.speak import shown_language
from tallymark.errors import TallymarkError
from tallymark.findings import did_you_mean, known_words
from tallymark.texts import Message, translate


def language_of(ctx: click.Context) -> str:
    """The language that the command line is told in."""
    return ctx.find_object(str) or shown_language(None)


class Command(click.Command):
    """A command whose words come from the catalogues."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.allow_extra_args = True
        try:
            super().parse_args(ctx, args)
        except click.UsageError as error:
            error.ctx = error.ctx or ctx  # Click leaves it out for options without their value
            raise
        if ctx.args and not ctx.resilient_parsing:
            raise TallymarkError("nothing is known to do with '{extra}'", extra=" ".join(ctx.args))
        return ctx.args

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        write_usage(self, ctx, formatter)

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        write_help(self, ctx, formatter)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        write_options(self, ctx, formatter)


def write_usage(command: click.Command, ctx: click.Context, formatter: click.HelpFormatter) -> None:
    """How the command is called."""
    prefix = translate("Usage:", language_of(ctx)) + " "
    formatter.write_usage(ctx.command_path, " ".join(command.collect_usage_pieces(ctx)), prefix)


def write_help(command: click.Command, ctx: click.Context, formatter: click.HelpFormatter) -> None:
    """What the command does."""
    formatter.write_paragraph()
    with formatter.indentation():
        formatter.write_text(translate(cleandoc(command.help or ""), language_of(ctx)))


def write_options(command: click.Command, ctx: click.Context, formatter: click.HelpFormatter) -> None:
    """The options, with what holds when they are left out."""
    language = language_of(ctx)
    records = [
        _record(param, ctx, language) for param in command.get_params(ctx) if isinstance(param, click.Option)
    ]
    with formatter.section(translate("Options", language)):
        formatter.write_dl(records)


def _record(option: click.Option, ctx: click.Context, language: str) -> tuple[str, str]:
    names, _ = option.get_help_record(ctx) or ("", "")
    words = [translate(option.help or "", language)]
    if option.required:
        words.append(translate("[required]", language))
    elif option.show_default and not option.is_flag:
        words.append(translate("[{default} when left out]", language).format(default=option.default))
    return names, " ".join(words)


def told_mistake(error: click.ClickException) -> Message:
    """What Click complains about, as a sentence of ours."""
    if isinstance(error, click.NoSuchOption):
        return _no_such_option(error)
    if isinstance(error, click.MissingParameter):
        return Message("{parameter} is missing", parameter=shown(error.param))
    if isinstance(error, click.BadOptionUsage):
        return Message(_usage(error), option=error.option_name)
    return Message("{problem}", problem=error.format_message())


def _no_such_option(error: click.NoSuchOption) -> Message:
    known = _options(error.ctx)
    if did_you_mean(error.option_name, known):
        hint = known_words(error.option_name, known)
        return Message("there is no option {option}; {hint}", option=error.option_name, hint=hint)
    return Message("there is no option {option}", option=error.option_name)


def _usage(error: click.BadOptionUsage) -> str:
    option = _options(error.ctx).get(error.option_name)
    flag = isinstance(option, click.Option) and option.is_flag
    return "option {option} takes no value" if flag else "option {option} needs a value"


def _options(ctx: click.Context | None) -> Mapping[str, click.Parameter]:
    params = ctx.command.get_params(ctx) if ctx else []
    return {
        name: param for param in params for name in (*param.opts, *param.secondary_opts) if name[:1] == "-"
    }
