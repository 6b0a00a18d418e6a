"""A small programme that was received and assessed once, and the command line as people use it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tallymark.cli import run

CONTRACT = "services-2025"
RECEIVED = "2025-10-03"


@dataclass(frozen=True, slots=True)
class Said:
    """What a command said, and how it ended."""

    code: int
    out: str
    err: str


Call = Callable[..., Said]


@pytest.fixture
def call(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Call:
    """Runs a command line in this process; the system's language is English unless `zh` is asked for."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG", "LANGUAGE"):
        monkeypatch.delenv(name, raising=False)

    def called(*arguments: object) -> Said:
        capfd.readouterr()
        code = run([str(argument) for argument in arguments])
        shown = capfd.readouterr()
        return Said(code, shown.out, shown.err)

    return called


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the starter programme `clinic`, its data received into `store`, and one run."""
    folder = tmp_path_factory.mktemp("office")
    clinic, store = folder / "clinic", folder / "store"
    assert run(["new", str(clinic)]) == 0
    for dataset in ("visits", "monthly", "residents"):
        file = clinic / "data" / f"{dataset}.csv"
        assert run(["receive", str(clinic), str(store), dataset, str(file), "--received-at", RECEIVED]) == 0
    assert run(["assess", str(clinic), str(store), "--contract", CONTRACT]) == 0
    return folder


@pytest.fixture
def office(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of `made` to work in, as the current folder."""
    folder = tmp_path / "office"
    shutil.copytree(made, folder)
    monkeypatch.chdir(folder)
    return folder
