"""The line that data go along, from the one list that also runs it."""

from __future__ import annotations

from docs.pages.markdown import block, code, page, table

from tallymark.flow import ENGINES, MODES, STAGES


def flow_page() -> str:
    """docs/reference/flow.md."""
    drawn = [STAGES[0].takes.en]
    for stage in STAGES:
        drawn += ["   │", f"   ├─ {stage.title.en.lower()}", "   ▼", stage.yields.en]
    rows = [
        (
            code(stage.code),
            f"{stage.takes.en} · {stage.takes.zh}",
            f"{stage.yields.en} · {stage.yields.zh}",
            stage.title.zh,
        )
        for stage in STAGES
    ]
    modes, engines = ", ".join(code(mode) for mode in MODES), ", ".join(code(name) for name in ENGINES)
    return page(
        "The line",
        block("\n".join(drawn)),
        table(("stage", "takes", "yields", "中文"), rows),
        f"Modes of a run: {modes}. Engines: {engines}.",
    )
