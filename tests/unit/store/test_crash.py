"""Whatever happens to a receiver, the store is either before or after its batch, and the next one works."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.unit.store.batches import batch, now, rows

from tallymark.errors import StoreError
from tallymark.store import Store, open_store
from tallymark.store.batch import STEPS, Crash

NAMES = [*(step for step in STEPS if step != "rows"), "rows:reports", "rows:others"]
SCRIPT = """
import os, signal, sys
from tests.unit.store.test_crash import deliver
from tallymark.store import open_store

def crash(step):
    print(step, flush=True)
    if step == sys.argv[2]:
        os.kill(os.getpid(), signal.SIGKILL)

store = open_store(sys.argv[1])
while True:
    deliver(store, store.version + 1, crash)
"""
ROOT = Path(__file__).parents[3]


def expected(version: int) -> dict[str, float]:
    """What reports say after so many deliveries: each adds a unit and corrects all there were."""
    return {f"u{at:03}": float(version) for at in range(version)}


def deliver(store: Store, number: int, crash: Crash | None = None) -> None:
    """Delivery `number`, which corrects every row of the one before."""
    old = {f"u{at:03}": (number - 1, at) for at in range(number - 1)}
    rest = rows({f"z{number:03}": number})
    store.append(batch(f"{number}.csv", reports=rows(expected(number), old), others=rest), crash=crash)


def receiver(store: Path, step: str) -> list[str]:
    return [sys.executable, "-c", SCRIPT, str(store), step]


def check(path: Path) -> int:
    """The store's version; fails when anything of a later batch shows or anything of an earlier one is gone."""
    store = open_store(path)
    version = store.version
    for at in {1, version // 2, version} - {0}:
        assert now(store, version=at) == expected(at)
    assert len(now(store, "others")) == version
    assert store.receipts().column("_batch").to_pylist() == list(range(1, version + 1))
    assert store.system("_superseded").num_rows == version * (version - 1) // 2
    return version


@pytest.mark.parametrize("step", NAMES)
def test_killed_at_every_step(tmp_path: Path, step: str) -> None:
    deliver(open_store(tmp_path), 1)
    done = subprocess.run(receiver(tmp_path, step), capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert done.stdout.split()[-1] == step
    assert check(tmp_path) == (2 if step == "committed" else 1)
    deliver(open_store(tmp_path), open_store(tmp_path).version + 1)
    assert check(tmp_path) == (3 if step == "committed" else 2)


def test_killed_at_random_moments(tmp_path: Path) -> None:
    seed = random.Random(20250314)
    deliver(open_store(tmp_path), 1)
    for _ in range(10):
        before = check(tmp_path)
        with subprocess.Popen(
            receiver(tmp_path, "never"), stdout=subprocess.PIPE, text=True, cwd=ROOT
        ) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(seed.uniform(0, 0.4))
            process.kill()
        assert check(tmp_path) >= before
    deliver(open_store(tmp_path), open_store(tmp_path).version + 1)
    assert check(tmp_path) > 1


def test_an_error_half_way_leaves_nothing(tmp_path: Path) -> None:
    deliver(open_store(tmp_path), 1)

    def crash(step: str) -> None:
        if step == "written":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        open_store(tmp_path).append(batch(reports=rows({"d": 4})), crash=crash)
    assert now(open_store(tmp_path)) == expected(1)
    assert open_store(tmp_path).append(batch(reports=rows({"e": 5}))) == 2
    assert now(open_store(tmp_path)) == expected(1) | {"e": 5}


def appender(path: str, name: str, count: int) -> None:
    store = open_store(path)
    for at in range(count):
        store.append(batch(f"{name}{at}", reports=rows({f"{name}{at}": at})))


def test_two_receivers_at_once_take_different_numbers(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    with context.Pool(2) as pool:
        pool.starmap(appender, [(str(tmp_path), "p", 8), (str(tmp_path), "q", 8)])
    store = open_store(tmp_path)
    assert store.version == 16
    assert store.receipts().column("_batch").to_pylist() == list(range(1, 17))
    assert len(now(store)) == 16


def test_a_receiver_that_waits_too_long_says_so(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    with (
        store.writing(),
        pytest.raises(StoreError, match="another delivery is being received"),
        store.writing(wait=0.1),
    ):
        pass


FULL = """
import resource, signal, sys
from tests.unit.store.batches import batch, rows
from tallymark.errors import StoreError
from tallymark.store import open_store
store = open_store(sys.argv[1])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
try:
    store.append(batch("big", reports=rows({f"unit {at * 7919 % 100003}": at * 0.37 for at in range(60000)})))
except StoreError as error:
    print(error)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="limits on file size exist on POSIX only")
@pytest.mark.parametrize("limit", [200, 100_000])
def test_a_full_disk_is_one_clear_error(tmp_path: Path, limit: int) -> None:
    deliver(open_store(tmp_path), 1)
    command = [sys.executable, "-c", FULL, str(tmp_path), str(limit)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    assert "no room is left on the disk (" in done.stdout
    assert done.stdout.count("\n") == 1
    assert "Traceback" not in done.stderr
    assert now(open_store(tmp_path)) == expected(1)
    open_store(tmp_path).append(batch(reports=rows({"d": 4})))
    assert now(open_store(tmp_path)) == expected(1) | {"d": 4}


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="the superuser may write anywhere")
def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    deliver(open_store(tmp_path), 1)
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(StoreError, match="cannot be written"):
            open_store(tmp_path).append(batch(reports=rows({"d": 4})))
    finally:
        tmp_path.chmod(0o700)


def test_a_place_where_no_store_can_be() -> None:
    with pytest.raises(StoreError, match="cannot be read or written"):
        open_store("/dev/null/store")
