"""Tallymark 正: make public programmes count straight and score fairly.

import tallymark as tm
programme = tm.load("programmes/demo")
store = tm.open_store("store/")
receipt = tm.receive(programme, store, "births", "births.csv")
run = tm.assess(programme, store, contract="demo-2025", period="SY2025")
print(tm.explain(run, indicator="home_visit_7d", unit="T01"))
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tallymark.edge import assess, explain, publish_run, receive, recompute
    from tallymark.errors import AssessmentError, ProgrammeError, ReceiveError, StoreError, TallymarkError
    from tallymark.findings import Finding, Severity
    from tallymark.programme.load import lint, load
    from tallymark.store import open_store
    from tallymark.store.runs import Run, open_run

_PUBLIC = {
    "load": "tallymark.programme.load",
    "lint": "tallymark.programme.load",
    "open_store": "tallymark.store",
    "open_run": "tallymark.store.runs",
    "Run": "tallymark.store.runs",
    "receive": "tallymark.edge",
    "assess": "tallymark.edge",
    "explain": "tallymark.edge",
    "recompute": "tallymark.edge",
    "publish_run": "tallymark.edge",
    "Finding": "tallymark.findings",
    "Severity": "tallymark.findings",
    "TallymarkError": "tallymark.errors",
    "ProgrammeError": "tallymark.errors",
    "ReceiveError": "tallymark.errors",
    "StoreError": "tallymark.errors",
    "AssessmentError": "tallymark.errors",
}

__all__ = [
    "AssessmentError",
    "Finding",
    "ProgrammeError",
    "ReceiveError",
    "Run",
    "Severity",
    "StoreError",
    "TallymarkError",
    "assess",
    "explain",
    "lint",
    "load",
    "open_run",
    "open_store",
    "publish_run",
    "receive",
    "recompute",
]


def __getattr__(name: str) -> Any:
    """A public name, imported when first used, so that `import tallymark` stays quick."""
    if name not in _PUBLIC:
        raise AttributeError(f"module 'tallymark' has no attribute '{name}'")
    return getattr(import_module(_PUBLIC[name]), name)


def __dir__() -> list[str]:
    return __all__
