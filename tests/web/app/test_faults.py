"""When the engine cannot go on, people read a sentence; when we have a bug, it stays one."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def copy(office: Path, settings_with: Any, tmp_path: Path) -> Any:
    for name in ("programme", "store"):
        shutil.copytree(office / name, tmp_path / name)
    with settings_with(workplace=tmp_path):
        yield tmp_path


def test_a_programme_that_does_not_load(signed_in: Callable[..., Any], copy: Path) -> None:
    client = signed_in("clerk")
    assert client.get("/reports").status_code == 200
    file = copy / "programme" / "datasets.yaml"
    kept = file.read_text(encoding="utf-8")
    file.write_text(kept + "\nnonsense: [", encoding="utf-8")
    answer = client.get("/reports")
    assert answer.status_code == 503
    assert "<html" in answer.content.decode()
    file.write_text(kept, encoding="utf-8")
    assert client.get("/reports").status_code == 200


def test_a_run_that_is_damaged(signed_in: Callable[..., Any], copy: Path) -> None:
    client = signed_in("leader")
    manifest = next((copy / "store" / "runs").glob("*/manifest.json"))
    manifest.write_text("{", encoding="utf-8")
    answer = client.get("/scores")
    assert answer.status_code == 503
    assert "damaged" in answer.content.decode()


def test_a_workplace_before_anything_was_assessed(signed_in: Callable[..., Any], copy: Path) -> None:
    shutil.rmtree(copy / "store" / "runs")
    for who, path in (
        ("leader", "/scores"),
        ("clerk", "/findings"),
        ("statistician", "/background"),
        ("leader", "/"),
    ):
        assert signed_in(who).get(path).status_code == 200, path
