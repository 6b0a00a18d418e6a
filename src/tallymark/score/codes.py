"""What every finding of scoring means; the reference page is generated from this list."""

from __future__ import annotations

CODES: dict[str, str] = {
    "score.gate_unknown": "A gate's condition cannot be known because a figure is missing; the gate stays open.",
}
