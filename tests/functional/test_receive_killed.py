"""A receiver killed at every step and at random: the store is before or after the batch, and sending again works."""

from __future__ import annotations

import datetime as dt
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest
from tests.unit.sources.offices import BIRTHS, MONTHLY, programme, source

from tallymark.programme.written.data import WrittenTable
from tallymark.sources.receive import receive
from tallymark.store import open_store

ROOT = Path(__file__).parents[2]
AT = dt.datetime(2025, 4, 3, tzinfo=dt.UTC)
TABLES = (
    WrittenTable(dataset="births", unit="unit", ignore=["anc1", "month"]),
    WrittenTable(dataset="monthly", unit="unit", period="month", items={"anc1": "anc1"}, ignore=["birth_id", "born_on", "sex"]),
)  # fmt: skip
PROGRAMME = programme(sources={"both": source("both", "csv", *TABLES)})
STEPS = ("opened", "read", "locked", "cleaned", "merged", "compared", "rows:births", "rows:monthly", "withdrawn", "findings",
         "refused", "written", "committed")  # fmt: skip
SCRIPT = """
import os, signal, sys
from pathlib import Path
from tests.functional.test_receive_killed import AT, PROGRAMME
from tallymark.sources.receive import receive
from tallymark.store import open_store

def crash(step):
    print(step, flush=True)
    if step == sys.argv[3]:
        os.kill(os.getpid(), signal.SIGKILL)

receive(PROGRAMME, open_store(sys.argv[1]), "both", Path(sys.argv[2]), received_at=AT, crash=crash)
"""


def files(folder: Path) -> tuple[Path, Path]:
    """A file and a later one that corrects part of it, repeats part, adds part and is wrong in part."""
    first, second = folder / "first.csv", folder / "second.csv"
    heading = "birth_id,unit,born_on,sex,month,anc1\n"
    rows = [
        f"B{at},U{at % 2 + 1},2025-0{at % 3 + 1}-14,female,2025-0{at % 3 + 1},{at % 6 // 2}\n"
        for at in range(300)
    ]
    first.write_text(heading + "".join(rows))
    changed = [row.replace("female", "male") for row in rows[:100]]
    more = [
        f"C{at},U1,2025-03-14,other,2024-12,7\nC{at}x,Nowhere,2025-03-14,male,2025-03,5\n" for at in range(50)
    ]
    second.write_text(heading + "".join(changed + rows[100:150] + more))
    return first, second


def picture(store_path: Path) -> dict[str, object]:
    """Everything that readers can see."""
    store = open_store(store_path)
    with duckdb.connect() as connection:
        said = {
            one.name: connection.sql(
                f"SELECT * EXCLUDE (_batch, _row, _at) FROM {store.relation(one)} ORDER BY ALL"
            ).fetchall()
            for one in (BIRTHS, MONTHLY)
        }
    counts = {
        name: store.system(name).num_rows for name in ("_batches", "_superseded", "_findings", "_refused")
    }
    return {"version": store.version, **said, **counts}


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, object], dict[str, object]]:
    """What is seen before and after the second file."""
    folder = tmp_path_factory.mktemp("whole")
    first, second = files(folder)
    store = open_store(folder / "store")
    receive(PROGRAMME, store, "both", first, received_at=AT)
    before = picture(folder / "store")
    receive(PROGRAMME, store, "both", second, received_at=AT)
    return before, picture(folder / "store")


def killed(folder: Path, step: str, pause: float | None = None) -> list[str]:
    """Runs a receiver of the second file that dies at a step, or after a pause; the steps it passed."""
    first, second = files(folder)
    if not (folder / "store").exists():
        receive(PROGRAMME, open_store(folder / "store"), "both", first, received_at=AT)
    command = [sys.executable, "-c", SCRIPT, str(folder / "store"), str(second), step]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        steps = [process.stdout.readline().strip()]
        if pause is not None:
            time.sleep(pause)
            process.kill()
        steps += process.stdout.read().split()
        process.wait()
    assert process.returncode in (0, -signal.SIGKILL)
    return steps


def test_a_receiver_passes_every_step(tmp_path: Path) -> None:
    assert tuple(killed(tmp_path, "never")) == STEPS


@pytest.mark.parametrize("step", STEPS)
def test_killed_at_every_step(
    tmp_path: Path, step: str, pictures: tuple[dict[str, object], dict[str, object]]
) -> None:
    before, after = pictures
    assert killed(tmp_path, step)[-1] == step
    assert picture(tmp_path / "store") == (after if step == "committed" else before)
    receipt = receive(
        PROGRAMME, open_store(tmp_path / "store"), "both", tmp_path / "second.csv", received_at=AT
    )
    assert receipt.again == (step == "committed")
    assert picture(tmp_path / "store") == after


def test_killed_at_random_moments(
    tmp_path: Path, pictures: tuple[dict[str, object], dict[str, object]]
) -> None:
    before, after = pictures
    seed = random.Random(7)
    for attempt in range(8):
        folder = tmp_path / str(attempt)
        folder.mkdir()
        killed(folder, "never", pause=seed.uniform(0, 0.5))
        assert picture(folder / "store") in (before, after)
        receive(PROGRAMME, open_store(folder / "store"), "both", folder / "second.csv", received_at=AT)
        assert picture(folder / "store") == after
