"""How many examples slow tests draw."""

from __future__ import annotations

import os

FEW = os.environ.get("TALLYMARK_EXAMPLES") == "few"
"""As in CI, whose examples are the same each time: what a third of them do not find, the others would not find tomorrow.
Everywhere else all are drawn, and other ones each time."""


def drawn(examples: int) -> int:
    """So many examples, or a third of them."""
    return -(-examples // 3) if FEW else examples
