"""The benchmark's part of bench/RESULTS.md."""

from __future__ import annotations

from pathlib import Path

import pytest
from bench import linkage


def test_a_full_run_keeps_the_section_of_linkage_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "RESULTS.md"
    page.write_text(
        "# Results\n\n## Statistics\n\na\n\n## Linkage\n\n### Sets\n\nb\n\n## Web app\n\nc\n",
        encoding="utf-8",
    )
    monkeypatch.setattr(linkage, "RESULTS", page)
    assert linkage.kept() == ["## Linkage\n\n### Sets\n\nb"]
    page.write_text("# Results\n", encoding="utf-8")
    assert linkage.kept() == []
