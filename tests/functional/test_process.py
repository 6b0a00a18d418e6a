"""The command as a process: pipes, signals, terminals, start-up."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from tests.functional.conftest import CONTRACT

TALLYMARK = [sys.executable, "-c", "from tallymark.cli import main; main()"]
FIGURE = ["explain", "store", "--indicator", "seen_in_time", "--unit", "C1"]


def environment(**more: str) -> dict[str, str]:
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG", "PYTHON"))
    }
    return kept | {"LC_ALL": "C.UTF-8"} | more


def process(*arguments: str, **more: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*TALLYMARK, *arguments], capture_output=True, env=environment(**more), timeout=120, check=False
    )


@pytest.mark.parametrize(
    "arguments",
    [["findings", "store"], FIGURE, ["lint", "--schema"], ["assess", "--help"], [*FIGURE, "--json"]],
)
def test_a_reader_that_goes_away_is_no_error(arguments: list[str], office: Path) -> None:
    """As in `tallymark … | head -1`: the pipe is closed before the first line is written."""
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [*TALLYMARK, *arguments],
        stdout=writer,
        stderr=subprocess.PIPE,
        env=environment(),
        timeout=120,
        check=False,
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, b"")


def test_head_takes_its_line(office: Path) -> None:
    command = " ".join(f"'{part}'" for part in [*TALLYMARK, "lint", "--schema"])
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command} | head -1"],
        capture_output=True,
        env=environment(),
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"{\n", b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is always full")
def test_a_full_disk_is_told_in_one_line(office: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*TALLYMARK, "lint", "clinic"],
            stdout=full,
            stderr=subprocess.PIPE,
            env=environment(),
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr.decode().startswith("tallymark: ")
    assert "No space left" in done.stderr.decode()
    assert done.stderr.count(b"\n") == 1


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "gbk"])
def test_a_terminal_that_cannot_show_everything(encoding: str, office: Path) -> None:
    done = process(*FIGURE, "--lang", "zh", PYTHONIOENCODING=encoding, PYTHONUTF8="0")
    assert (done.returncode, done.stderr) == (0, b"")
    shown = {
        "ascii": "数据来源".encode(),
        "latin-1": b"\\u6570\\u636e\\u6765\\u6e90",
        "gbk": "数据来源".encode("gbk"),
    }
    assert shown[encoding] in done.stdout


def test_a_name_that_is_no_utf8(office: Path) -> None:
    done = subprocess.run(
        [*[part.encode() for part in TALLYMARK], b"lint", b"nothing\xff"],
        capture_output=True,
        env=environment(),
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.startswith(b"tallymark: there is no nothing")


def test_nothing_but_results_without_a_terminal(office: Path) -> None:
    """Progress is for people who watch."""
    done = process("assess", "clinic", "store", "--contract", CONTRACT)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"\x1b" not in done.stdout


def test_ctrl_c_ends_quietly_and_leaves_no_half_run(office: Path) -> None:
    before = sorted(path.name for path in (office / "store" / "runs").iterdir())
    running = subprocess.Popen(
        [*TALLYMARK, "assess", "clinic", "store", "--contract", CONTRACT, "--rehearsal"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    )
    time.sleep(1.0)
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=60)
    assert b"Traceback" not in err
    if running.returncode != 0:  # it was not faster than the interrupt
        assert (running.returncode, out) == (130, b"")
        assert sorted(path.name for path in (office / "store" / "runs").iterdir()) == before


def test_serve_shows_the_site_until_it_is_stopped(office: Path) -> None:
    assert process("publish", "store", "site").returncode == 0
    running = subprocess.Popen(
        [*TALLYMARK, "serve", "site", "--port", "0", "--no-open", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    )
    assert running.stdout is not None
    said = json.loads("".join(iter(lambda: running.stdout.readline().decode(), "}\n")) + "}")
    assert said["address"].startswith("http://127.0.0.1:")
    with urllib.request.urlopen(said["address"], timeout=20) as page:
        assert b"<html" in page.read()
    port = said["address"].rsplit(":", 1)[1].strip("/")
    second = process("serve", "site", "--port", port, "--no-open")
    assert (second.returncode, second.stdout) == (2, b"")
    assert b"choose another with --port" in second.stderr
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=60)
    assert (running.returncode, err) == (0, b"")


def test_help_starts_quickly_and_imports_no_engine(office: Path) -> None:
    code = (
        "import sys\nfrom tallymark.cli import run\nrun(['--help'])\n"
        "heavy = [m for m in ('duckdb', 'scipy', 'pyarrow', 'numpy', 'pydantic', 'rich', 'jinja2') if m in sys.modules]\n"
        "print(heavy, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, env=environment(), check=False)
    assert done.stderr == b"[]\n"
