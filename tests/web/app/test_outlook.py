"""Projected populations in the web app: one's own units and no others, in both languages."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tallymark.cli import run

EXAMPLE = Path(__file__).parents[3] / "docs" / "population"
CODES = {"T1": "C1", "T2": "C2"}


@pytest.fixture(scope="module")
def projected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return project_small(tmp_path_factory.mktemp("projection"))


def project_small(folder: Path) -> Path:
    """A projection of two clinics' areas, as `tallymark project` writes it."""
    for file in EXAMPLE.glob("*.*"):
        text = file.read_text(encoding="utf-8")
        for old, new in CODES.items():
            text = text.replace(f"{old},", f"{new},").replace(f"{old}:", f"{new}:")
        (folder / file.name).write_text(text, encoding="utf-8")
    scenario = folder / "county.yaml"
    scenario.write_text(scenario.read_text("utf-8").replace("monoton}", "monotone}"), encoding="utf-8")
    assert run(["project", str(scenario), str(folder / "out")]) == 0
    return folder / "out"


@pytest.fixture
def planned(undone: Path, projected: Path, settings_with: Any, tmp_path: Path) -> Iterator[Path]:
    for name in ("programme", "store", "web"):
        shutil.copytree(undone / name, tmp_path / name)
    shutil.copytree(projected, tmp_path / "projections" / "county")
    with settings_with(workplace=tmp_path):
        yield tmp_path


def test_without_a_projection_it_says_how_one_is_made(signed_in: Callable[..., Any]) -> None:
    page = signed_in("leader").get("/outlook")
    assert page.status_code == 200
    assert "tallymark project" in page.content.decode()
    assert signed_in("leader").get("/outlook/C1").status_code == 404
    assert "outlook" not in [name for name, _, _ in page.context["pages"]]


def test_pages_are_of_ones_own_units(planned: Path, signed_in: Callable[..., Any]) -> None:
    del planned
    assert "outlook" in [name for name, _, _ in signed_in("leader").get("/").context["pages"]]
    village = signed_in("village-clerk")
    page = village.get("/outlook").content.decode()
    assert "Riverside" in page  # C1, theirs
    assert "Mill Hill" not in page  # C2
    assert "High Meadow" not in page  # no unit of this programme
    assert page.count("<svg") == 1  # the map: all together is not theirs to see
    own = village.get("/outlook/C1").content.decode()
    assert own.count("<svg") >= 4
    assert 'class="chart pyramid' in own
    assert village.get("/outlook/C2").status_code == 404
    assert village.get("/outlook/T6").status_code == 404
    leader = signed_in("leader").get("/outlook").content.decode()
    assert "Riverside" in leader
    assert "Mill Hill" in leader


def test_in_chinese(planned: Path, signed_in: Callable[..., Any]) -> None:
    del planned
    client = signed_in("leader")
    client.post("/language", {"language": "zh-hans", "next": "/outlook/C1"})
    page = client.get("/outlook/C1").content.decode()
    assert "人口预测" in page
    assert "河畔镇" in page
    assert "Projected population" not in page
