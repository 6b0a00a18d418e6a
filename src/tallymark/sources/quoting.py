"""What a finding may quote of a file of people: nothing that could name one."""

from __future__ import annotations

from typing import Literal

Secrecy = Literal["open", "guarded", "hidden"]
"""open: cells may be quoted. guarded: those that cannot name a person (a column of a file that has names in others, where
cells may have slipped). hidden: none."""
HIDDEN = "•••"
MOST_SIGNS, MOST_DIGITS = 12, 8


def quoted_cell(text: str, secrecy: Secrecy, *, meant: bool) -> str:
    """A cell as a finding may quote it. meant: whether it is nearly a word that the programme declares."""
    if not text or secrecy == "open" or (secrecy == "guarded" and (meant or _names_nobody(text))):
        return text
    return HIDDEN


def _names_nobody(text: str) -> bool:
    """A single sign, or a short code, number or date: names have no digits, identity and telephone numbers more."""
    digits = sum(sign.isdigit() for sign in text)
    return len(text) == 1 or (0 < digits <= MOST_DIGITS and len(text) <= MOST_SIGNS)
