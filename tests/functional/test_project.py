"""`tallymark project`: pages in both languages that say the same, files beside them, mistakes in one line."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from tallymark.cli import tallymark

EXAMPLE = Path(__file__).parents[2] / "docs" / "population"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("project") / "out"
    done = CliRunner().invoke(tallymark, ["project", str(EXAMPLE / "county.yaml"), str(out)])
    assert done.exit_code == 0, done.output
    assert "276,996 people in 6 units on 2024-12-31" in done.output
    return out


def test_pages_say_the_same_in_both_languages(made: Path) -> None:
    pages = {language: sorted(path.name for path in (made / language).iterdir()) for language in ("en", "zh")}
    assert pages["en"] == pages["zh"]
    assert len(pages["en"]) == 7
    for name in pages["en"]:
        english, chinese = ((made / language / name).read_text(encoding="utf-8") for language in ("en", "zh"))
        assert re.findall(r"<td>([\d,]+)", english) == re.findall(r"<td>([\d,]+)", chinese)
        pictures = 14 if name == "index.html" else 13  # the map of change stands on the first page
        assert english.count("<svg") == chinese.count("<svg") == pictures
        assert not re.search(r"\bnan\b", english)
        assert len(english.encode()) < 200_000
        for target in re.findall(r'href="([^"#:]+)"', english):
            assert ((made / "en" / name).parent / target).exists(), target


def test_it_says_that_it_is_no_target(made: Path) -> None:
    assert "It is no target" in (made / "en" / "index.html").read_text(encoding="utf-8")
    assert "不是目标" in (made / "zh" / "index.html").read_text(encoding="utf-8")


def test_the_same_again_gives_the_same_bytes(made: Path) -> None:
    before = {path: path.read_bytes() for path in made.rglob("*") if path.is_file()}
    done = CliRunner().invoke(tallymark, ["project", str(EXAMPLE / "county.yaml"), str(made), "--json"])
    assert done.exit_code == 0
    assert json.loads(done.output)["pages"] == 14
    assert {path: path.read_bytes() for path in made.rglob("*") if path.is_file()} == before


def test_mistakes_are_told_in_one_line(tmp_path: Path) -> None:
    scenario = tmp_path / "county.yaml"
    scenario.write_text("projection: {start: 2024-12-31, years: many}", encoding="utf-8")
    done = CliRunner().invoke(tallymark, ["project", str(scenario), str(tmp_path / "out")])
    assert done.exit_code == 2 or done.exception is not None
    missing = CliRunner().invoke(tallymark, ["project", str(tmp_path / "conty.yaml"), str(tmp_path / "out")])
    assert missing.exit_code != 0
    assert not (tmp_path / "out").exists()


def test_another_s_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "mine.txt").write_text("mine", encoding="utf-8")
    done = CliRunner().invoke(tallymark, ["project", str(EXAMPLE / "county.yaml"), str(tmp_path)])
    assert done.exit_code != 0
    assert (tmp_path / "en" / "mine.txt").read_text(encoding="utf-8") == "mine"
