"""What options and arguments accept: one sentence in the reader's language when something else is given."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import click

from tallymark.errors import TallymarkError
from tallymark.findings import known_words
from tallymark.texts import Message


class OneOf(click.Choice[str]):
    """One of a few words, with did-you-mean."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if value not in self.choices:
            raise TallymarkError(
                "{option} has no '{value}'; {known}",
                option=shown(param),
                value=value,
                known=known_words(value, self.choices),
            )
        return str(value)


class Whole(click.IntRange):
    """A whole number within limits."""

    name = "integer"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        try:
            number: int | None = int(value)
        except ValueError:
            number = None
        if number is None or not self._within(number):
            raise TallymarkError(
                "{option} is a whole number {limits}, not '{value}'",
                option=shown(param),
                value=value,
                limits=self._limits(),
            )
        return number

    def _within(self, number: int) -> bool:
        return (self.min is None or number >= self.min) and (self.max is None or number <= self.max)

    def _limits(self) -> Message:
        if self.max is None:
            return Message("from {least} on", least=self.min)
        return Message("from {least} to {most}", least=self.min, most=self.max)


class Moment(click.ParamType[dt.datetime]):
    """A day or a moment, ISO 8601; without a zone it is UTC."""

    name = "moment"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dt.datetime:
        try:
            moment = value if isinstance(value, dt.datetime) else dt.datetime.fromisoformat(value)
            return moment.replace(tzinfo=dt.UTC) if moment.tzinfo is None else moment.astimezone(dt.UTC)
        except (ValueError, OverflowError):
            raise TallymarkError(
                "{option} is a day or a moment such as 2025-03-14 or 2025-03-14T09:30, not '{value}'",
                option=shown(param),
                value=value,
            ) from None


class Place(click.ParamType[Path]):
    """A path, whether or not something is there."""

    name = "path"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        if not str(value):
            raise TallymarkError("{option} is empty; give a path", option=shown(param))
        return Path(value)


def shown(param: click.Parameter | None) -> str:
    """A parameter as people write it: `--contract`, `STORE`."""
    if param is None:
        return ""
    return param.human_readable_name if isinstance(param, click.Argument) else param.opts[0]
