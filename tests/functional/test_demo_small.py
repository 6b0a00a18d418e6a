"""The demo county with few events, from the command to the site. (What is measured is true: test_simulated_truth.py.)"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from tests.functional.conftest import Call

from tallymark.cli import run
from tallymark.cli.demo import CONTRACT, MARK, make_way
from tallymark.errors import TallymarkError

pytestmark = pytest.mark.slow
MOST_BYTES = 200_000
TALLYMARK = [sys.executable, "-c", "from tallymark.cli import main; main()"]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, object], list[str]]:
    """The folder, what the command answered, and its progress."""
    folder = tmp_path_factory.mktemp("demo") / "county"
    done = subprocess.run(
        [*TALLYMARK, "demo", str(folder), "--no-serve", "--events", "20000", "--json"],
        capture_output=True,
        text=True,
        env=os.environ | {"LC_ALL": "C.UTF-8"},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder, json.loads(done.stdout), done.stderr.splitlines()


def test_the_command_tells_how_far_it_is(demo: tuple[Path, dict[str, object], list[str]]) -> None:
    _, answer, steps = demo
    assert all(re.match(r"\[ *\d+\.\d s\] ", step) for step in steps), steps
    told = [step.partition("] ")[2].split(":")[0] for step in steps]
    assert [word for word in told if not re.match(r"received \d+ of", word)] == [
        "programme loaded", "deliveries simulated", "received", "assessed", "births of two offices set against each other",
        "published", "population projected to 2040-09-30",
    ]  # fmt: skip
    assert answer["pages"]


def test_the_site_is_whole_and_light(demo: tuple[Path, dict[str, object], list[str]]) -> None:
    folder, answer, _ = demo
    pages = list((folder / "site").rglob("*.html"))
    assert (folder / "site" / "index.html").is_file()
    assert len(pages) >= int(str(answer["pages"]))
    heavy = [
        f"{page.relative_to(folder)}: {page.stat().st_size}"
        for page in pages
        if page.stat().st_size > MOST_BYTES
    ]
    assert not heavy


def test_the_programme_lints_and_its_tests_pass(
    demo: tuple[Path, dict[str, object], list[str]], call: Call
) -> None:
    folder, *_ = demo
    said = call("lint", folder / "programme", "--tests")
    assert (said.code, said.out, said.err) == (0, "Errors: 0; other findings: 0\n", "")


@pytest.mark.parametrize("unit", ["T01", "T13"])
def test_every_scored_line_explains_itself(
    unit: str, demo: tuple[Path, dict[str, object], list[str]], call: Call
) -> None:
    folder, *_ = demo
    declared = (folder / "programme" / "contract.yaml").read_text(encoding="utf-8")
    scored = sorted(set(re.findall(r"indicator: (\w+)", declared.partition("demo-2025-lead:")[0])))
    assert len(scored) > 10
    for indicator in scored[:: max(1, len(scored) // 5)]:
        said = call("explain", folder / "store", "--indicator", indicator, "--unit", unit, "--json")
        assert said.code == 0, said.err
        (line,) = json.loads(said.out)["points"][:1]
        assert line["contract"] == CONTRACT
        assert line["arithmetic"]["zh"]


def test_what_inspectors_bring_is_nobodys_duty(demo: tuple[Path, dict[str, object], list[str]]) -> None:
    """Villages that nobody recounted have handed in all that was due."""
    folder, answer, _ = demo
    page = (folder / "site" / "en" / "verification.html").read_text(encoding="utf-8")
    said = re.search(r"([\d,]+) of ([\d,]+) monthly reports came in", page)
    assert said is not None
    came, due = (int(number.replace(",", "")) for number in said.groups())
    counted = pq.read_table(Path(str(answer["run"])) / "reports.parquet").to_pylist()
    own = [
        row
        for row in counted
        if row["level"] == "town"
        and row["frequency"] == "month"
        and "2024-10" <= row["period"] <= "2025-09"
        and row["dataset"] != "recounts"
    ]
    assert (came, due) == (sum(row["received"] for row in own), sum(row["expected"] for row in own))
    assert came > 0.9 * due


def test_the_run_recomputes_byte_for_byte(
    demo: tuple[Path, dict[str, object], list[str]], call: Call
) -> None:
    folder, answer, _ = demo
    said = call("recompute", folder / "store")
    assert (said.code, said.err) == (0, "")
    assert said.out == f"{Path(str(answer['run'])).name}: the same, byte for byte\n"


def test_an_earlier_demo_makes_way_and_nothing_else_does(tmp_path: Path) -> None:
    earlier, other, empty = tmp_path / "earlier", tmp_path / "other", tmp_path / "empty"
    for folder in (earlier, other, empty):
        folder.mkdir()
    (earlier / MARK).write_text("{}", encoding="utf-8")
    (other / "thesis.txt").write_text("years of work", encoding="utf-8")
    make_way(earlier)
    make_way(empty)
    make_way(tmp_path / "absent")
    assert not earlier.exists()
    with pytest.raises(TallymarkError, match="no earlier demo"):
        make_way(other)
    assert (other / "thesis.txt").read_text(encoding="utf-8") == "years of work"


def test_a_demo_that_cannot_be_shown_says_so_before_it_builds(tmp_path: Path) -> None:
    assert run(["demo", str(tmp_path / "d"), "--port", "70000"]) == 2
    assert not (tmp_path / "d").exists()
