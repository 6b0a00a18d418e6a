"""What each command answers: exit codes, results on stdout, messages on stderr, JSON, Chinese."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from tests.functional.conftest import CONTRACT, Call

from tallymark.cli.commands import COMMANDS
from tallymark.cli.draw import STEPS
from tallymark.cli.vault import STEPS as VAULT

CHINESE = re.compile("[一-鿿]")
FIGURE = ("--indicator", "seen_in_time", "--unit", "C1")

RESULTS = {
    "new": ("new", "second"),
    "lint": ("lint", "clinic", "--tests"),
    "receive": ("receive", "clinic", "other", "visits", "clinic/data/visits.csv"),
    "assess": ("assess", "clinic", "store", "--contract", CONTRACT, "--rehearsal"),
    "findings": ("findings", "store"),
    "explain": ("explain", "store", *FIGURE),
    "recompute": ("recompute", "store"),
    "publish": ("publish", "store", "site"),
}
"""Every command that answers and ends (`serve`, `demo` and `import-dhis2` have tests of their own)."""


@pytest.mark.parametrize("name", RESULTS)
def test_results_go_to_stdout_and_nothing_else_to_stderr(name: str, office: Path, call: Call) -> None:
    said = call(*RESULTS[name])
    assert said.code == 0
    assert said.out.strip()
    assert all(": note " in line or ": warning " in line for line in said.err.splitlines()), said.err


@pytest.mark.parametrize("name", RESULTS)
def test_json_parses_and_is_all_there_is(name: str, office: Path, call: Call) -> None:
    said = call(*RESULTS[name], "--json")
    assert said.code == 0
    assert isinstance(json.loads(said.out), dict | list)
    assert said.err == ""


@pytest.mark.parametrize("name", RESULTS)
def test_chinese_on_request(name: str, office: Path, call: Call) -> None:
    said = call(*RESULTS[name], "--lang", "zh")
    assert said.code == 0
    lines = (said.out + said.err).splitlines()
    # Lines without Chinese are rows of data and arithmetic: no English sentence among them.
    english = [
        line
        for line in lines
        if not CHINESE.search(line) and re.search(r"[a-z]{3,} [a-z]{3,} [a-z]{3,}", line)
    ]
    assert any(CHINESE.search(line) for line in lines)
    assert not english


@pytest.mark.parametrize(
    "name", [*COMMANDS, *(f"draw {step}" for step in STEPS), *(f"vault {step}" for step in VAULT)]
)
def test_help_in_both_languages(name: str, call: Call) -> None:
    said = call(*name.split(), "--help")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith(f"Usage: tallymark {name} ")
    assert "--lang" in said.out
    assert "--json" in said.out or name in ("draw", "vault")  # their steps have it
    zh = call(*name.split(), "--help", "--lang", "zh")
    assert (zh.code, zh.err) == (0, "")
    words = [line for line in re.sub(r"127\.0\.0\.1|Ctrl-C|JSON", "", zh.out).splitlines() if line.strip()]
    assert all(CHINESE.search(line) or "--" in line for line in words), words


def test_the_groups_help_lists_every_command_in_order(call: Call) -> None:
    for asked in (("--help",), ("-h",), ("--lang", "en", "--help")):
        said = call(*asked)
        assert said.code == 0
        places = [said.out.index(f"\n  {name} ") for name in COMMANDS]
        assert places == sorted(places)
    assert "计量、核查并按责任书计分" in call("--lang=zh", "--help").out
    bare = call()
    assert (bare.code, bare.out) == (2, "")
    assert "Usage: tallymark" in bare.err


def test_version(call: Call) -> None:
    assert re.fullmatch(r"tallymark \d+\.\d+.*\n", call("--version").out)


def test_the_systems_language_is_taken(office: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert "逐字节相同" in call("recompute", "store").out
    assert "the same, byte for byte" in call("recompute", "store", "--lang", "en").out
    assert "没有命令" in call("nothing").err


def test_language_before_the_command(office: Path, call: Call) -> None:
    assert "逐字节相同" in call("--lang", "zh", "recompute", "store").out


# exit 1: findings at severity error


def test_lint_finds_an_error(office: Path, call: Call) -> None:
    figures = office / "clinic" / "figures.yaml"
    text = figures.read_text(encoding="utf-8")
    figures.write_text(text.replace("denominator: visits\n", "denominator: vists\n", 1), encoding="utf-8")
    said = call("lint", "clinic")
    assert (said.code, said.err) == (1, "")
    assert re.search(r"^figures\.yaml:\d+: error programme\.\w+: .*did you mean", said.out, re.MULTILINE)
    assert said.out.endswith("Errors: 1; other findings: 0\n")
    (finding,) = json.loads(call("lint", "clinic", "--json").out)
    assert (finding["severity"], finding["where"]["file"]) == ("error", "figures.yaml")
    assert CHINESE.search(call("lint", "clinic", "--lang", "zh").out.splitlines()[0])


@pytest.mark.parametrize(
    "arguments",
    [
        ("assess", "clinic", "store", "--contract", CONTRACT),
        ("receive", "clinic", "store", "visits", "clinic/data/visits.csv"),
    ],
)
def test_a_broken_programme_stops_every_command(arguments: tuple[str, ...], office: Path, call: Call) -> None:
    (office / "clinic" / "more.yaml").write_text("measures: {x: {dataset: visit}}\n", encoding="utf-8")
    said = call(*arguments)
    assert (said.code, said.out) == (1, "")
    first, last = said.err.splitlines()
    assert first.startswith("more.yaml:1: error programme.")
    assert last == "tallymark: the programme cannot be used before these are put right: 1"
    assert "项目须先改正以上问题" in call(*arguments, "--lang", "zh").err


def test_receive_finds_an_error(office: Path, call: Call) -> None:
    (office / "bad.csv").write_text(
        "number,clinic,day,kind,wait_days\nV9001,C77,2025-01-05,check,3\nV9002,C1,2025-13-05,check,3\n",
        encoding="utf-8",
    )
    said = call("receive", "clinic", "store", "visits", "bad.csv")
    assert said.code == 1
    assert "2 refused" in said.out
    assert "there is no unit “C77”" in said.err
    (receipt,) = json.loads(call("receive", "clinic", "again", "visits", "bad.csv", "--json").out)
    assert {finding["code"] for finding in receipt["findings"]} >= {
        "receive.unknown_unit",
        "receive.no_such_day",
    }
    assert call("findings", "again").code == 1, "what was received can be asked about before there is a run"
    assert (
        call("findings", "again", "--severity", "error", "--most", "1").out.splitlines()[-1] == "Findings: 2"
    )


def test_recompute_says_what_differs(office: Path, call: Call) -> None:
    (run,) = (office / "store" / "runs").iterdir()
    (run / "programme" / "figures.yaml").open("a", encoding="utf-8").write("# later\n")
    said = call("recompute", "store")
    assert (said.code, said.err) == (1, "")
    assert "programme/figures.yaml: the file is not the one the run wrote" in said.out
    assert "programme: the frozen files no longer have the hash in the manifest" in said.out
    answer = json.loads(call("recompute", "store", "--json").out)
    assert answer["same"] is False
    assert len(answer["differences"]) == 2
    assert all(CHINESE.search(line) for line in call("recompute", "store", "--lang", "zh").out.splitlines())
    assert sorted(path.name for path in run.parent.iterdir()) == [run.name], "nothing is left behind"


def test_recompute_when_the_frozen_programme_no_longer_loads(office: Path, call: Call) -> None:
    (run,) = (office / "store" / "runs").iterdir()
    (run / "programme" / "figures.yaml").write_text("measures: [", encoding="utf-8")
    said = call("recompute", "store")
    assert said.code == 1
    assert "it cannot be made again: " in said.out


def test_recompute_of_a_run_that_was_taken_away(office: Path, call: Call) -> None:
    (run,) = (office / "store" / "runs").iterdir()
    away = office / "stick" / "runs" / run.name
    away.parent.mkdir(parents=True)
    run.rename(away)
    said = call("recompute", "stick/runs")
    assert (said.code, said.out) == (2, "")
    assert "--store" in said.err
    assert not list((office / "stick").glob("store.json")), "reading never makes a store"
    assert call("recompute", "stick/runs", "--store", "store").code == 0


# what the commands do


def test_a_rehearsal_is_marked_and_never_taken_for_the_newest_run(office: Path, call: Call) -> None:
    said = call("assess", "clinic", "store", "--contract", CONTRACT, "--rehearsal")
    assert said.out.startswith("REHEARSAL — not an official result\n")
    assert "-rehearsal-" in said.out.splitlines()[-1]
    assert "REHEARSAL" not in call("explain", "store", *FIGURE).out
    run = said.out.splitlines()[-1].removeprefix("run: ")
    assert call("explain", run, *FIGURE).out.startswith("REHEARSAL")


def test_explain_covers_formula_parts_rows_and_points(office: Path, call: Call) -> None:
    text = call("explain", "store", *FIGURE).out
    for part in (
        "  = 100 × (",
        " ÷ ",
        "Counted from:",
        "Periods within:",
        "Received in:",
        "Rows (first ones):",
        "Points:",
    ):
        assert part in text
    assert re.search(r"visits, batch 1, row 2: visit_id=", text)
    whole = json.loads(call("explain", "store", *FIGURE, "--json").out)
    assert whole["figure"]["numerator"] == 104
    assert whole["change"] is None


def test_explain_after_more_data_says_what_changed(office: Path, call: Call) -> None:
    (office / "more.csv").write_text(
        "number,clinic,day,kind,wait_days\nV9001,C1,2025-01-05,check,9\n", encoding="utf-8"
    )
    assert call("receive", "clinic", "store", "visits", "more.csv", "--received-at", "2025-10-04").code == 0
    assert call("assess", "clinic", "store", "--contract", CONTRACT).code == 0
    text = call("explain", "store", *FIGURE).out
    assert re.search(r"Since run \S+: 97\.2 then, 96\.3 now; batches since: 4; other data", text)
    assert "输入" not in text
    assert "数据不同" in call("explain", "store", *FIGURE, "--lang", "zh").out


def test_an_older_data_version_gives_the_older_figures(office: Path, call: Call) -> None:
    call("receive", "clinic", "store", "visits", "clinic/data/visits.csv")
    said = call("assess", "clinic", "store", "--contract", CONTRACT, "--data-version", "1", "--json")
    assert json.loads(said.out)["data_version"] == 1


def test_several_files_of_which_one_is_broken(office: Path, call: Call) -> None:
    (office / "broken.csv").write_bytes(b"")
    files = ("broken.csv", "clinic/data/monthly.csv")
    said = call("receive", "clinic", "other", "monthly", *files)
    assert said.code == 2
    assert "monthly.csv received as batch 1" in said.out
    assert said.err.count("tallymark:") == 1
    assert call("receive", "clinic", "third", "monthly", *files, "--json").code == 2


def test_findings_can_be_narrowed(office: Path, call: Call) -> None:
    every = json.loads(call("findings", "store", "--json").out)
    assert every
    late = json.loads(call("findings", "store", "--json", "--code", "receive.").out)
    assert {row["code"].split(".")[0] for row in late} == {"receive"}
    assert call("findings", "store", "--unit", "C1").code == 0
    assert call("findings", "store", "--severity", "error").out == "Findings: 0\n"
    assert call("findings", "store", "--most", "0").out == f"Findings: {len(every)}\n"


def test_the_site_is_written_whole_and_again(office: Path, call: Call) -> None:
    first = json.loads(call("publish", "store", "site", "--json").out)
    assert Path(first["path"], "index.html").is_file()
    assert json.loads(call("publish", "store", "site", "--json").out) == first


def test_lint_schema_is_json_schema(call: Call) -> None:
    assert json.loads(call("lint", "--schema").out)["$schema"].startswith("https://json-schema.org/")
