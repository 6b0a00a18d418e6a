"""The starter programme: clean, bilingual, whole or not at all."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from tallymark.errors import ProgrammeError
from tallymark.programme.load import lint, load
from tallymark.programme.starter import new

TITLES = ["", "Clinics", "区卫生服务", 'Care: "first", {second}', "Line one\nline two"]


@pytest.mark.parametrize("title", TITLES)
def test_a_new_programme_is_clean(tmp_path: Path, title: str) -> None:
    folder = new(tmp_path / "p", "clinics", title=title)
    assert [str(finding) for finding in lint(folder)] == []
    programme = load(folder)
    assert programme.code == "clinics"
    assert programme.title["en"] == (" ".join(title.split()) or "Example services")


def test_editors_find_the_schema_beside_every_file(tmp_path: Path) -> None:
    folder = new(tmp_path / "p", "p")
    for path in folder.glob("*.yaml"):
        first = path.read_text(encoding="utf-8").split("\n")[0]
        assert (path.parent / first.removeprefix("# yaml-language-server: $schema=")).is_file(), path
    assert json.loads((folder / "programme.schema.json").read_text(encoding="utf-8"))["properties"]


def test_the_example_data_fit_the_declared_sources(tmp_path: Path) -> None:
    folder = new(tmp_path / "p", "p")
    programme = load(folder)
    for name, source in programme.sources.items():
        (table,) = source.tables
        with (folder / "data" / f"{name}.csv").open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        columns = {*table.items, *table.columns} | {
            column for column in (table.unit, table.period, table.date) if column
        }
        assert columns == set(rows[0])
        assert {row[str(table.unit)] for row in rows} <= set(programme.units.codes)


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    with pytest.raises(ProgrammeError, match="not empty"):
        new(tmp_path / "mine", "p")
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["letter.txt"]
    (tmp_path / "file").write_text("x")
    with pytest.raises(ProgrammeError, match="there already"):
        new(tmp_path / "file", "p")
    (tmp_path / "empty").mkdir()
    assert lint(new(tmp_path / "empty", "p")) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty", "file", "mine"]


@pytest.mark.parametrize(
    ("code", "better"), [("2025 plan", "p-2025-plan"), ("my clinic", "my-clinic"), ("计划", "my-programme")]
)
def test_a_code_that_cannot_be_one(tmp_path: Path, code: str, better: str) -> None:
    with pytest.raises(ProgrammeError, match=f"--code {better}$"):
        new(tmp_path / "p", code)
    assert not (tmp_path / "p").exists()
