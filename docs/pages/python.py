"""The public Python names: signature and docstring."""

from __future__ import annotations

from docs.pages.markdown import block, page
from docs.pages.signatures import described

import tallymark


def python_page() -> str:
    """docs/reference/python.md."""
    parts = [part for name in tallymark.__all__ for part in described(name, getattr(tallymark, name))]
    example = "\n".join((tallymark.__doc__ or "").strip().splitlines()[2:])
    return page(
        "Python",
        "`import tallymark as tm`; a name is imported when it is first used.",
        block(example, "python"),
        *parts,
    )
