"""What the interface answers when nothing was done."""

from __future__ import annotations

from typing import Any

from ninja import Schema


class Problem(Schema):
    """Why nothing was done."""

    detail: Any
