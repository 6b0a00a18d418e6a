"""What is wrong with an expression, as a message that can be translated."""

from __future__ import annotations

from collections.abc import Mapping

from tallymark.errors import TallymarkError


class ExpressionError(TallymarkError):
    """An expression cannot be used: a message template, its values, and a hint (all English message ids)."""

    def __init__(
        self, template: str, values: Mapping[str, object] | None = None, hint: str = "", *, unknown: str = ""
    ) -> None:
        filled = dict(values or {})
        message = template.format_map(filled)
        super().__init__(f"{message} — {hint.format_map(filled)}" if hint else message)
        self.unknown = unknown
        """The name that is not known, when that is the trouble."""
        self.template = template
        self.values = filled
        self.hint = hint
