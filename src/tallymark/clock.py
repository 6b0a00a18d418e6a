"""The only place where the clock is read; everything else is told the time."""

from __future__ import annotations

import datetime as dt


def now() -> dt.datetime:
    """This moment, in UTC, to the second."""
    return dt.datetime.now(dt.UTC).replace(microsecond=0)
