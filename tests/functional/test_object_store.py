"""The store on S3-compatible storage: the same figures as in a folder, one receiver at a time, and what is said in trouble."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.functional.conftest import CONTRACT, RECEIVED, Call
from tests.storage import CARELESS, KEYS, served
from tests.unit.store.batches import batch, now, rows

from tallymark.errors import StoreError
from tallymark.store import bucket, delta, open_store, turns
from tallymark.store.bucket import bucket_of
from tallymark.store.runs import runs_in
from tallymark.store.store import beside

ROOT = Path(__file__).parents[2]
RECEIVER = """
import os, signal, sys
from tests.unit.store.batches import batch, rows
from tallymark.store import open_store, turns

turns.SILENCE = 1.0
store = open_store(sys.argv[1])
for at in range(4):
    store.append(batch(f"other {at}", reports=rows({f"other {at}": at})))

def crash(step):
    if step == "written":
        os.kill(os.getpid(), signal.SIGKILL)

store.append(batch("killed", reports=rows({"killed": 1})), crash=crash)
"""


@pytest.fixture(scope="module")
def storage() -> Iterator[str]:
    import boto3

    with served() as address:
        client = boto3.client(
            "s3",
            endpoint_url=address,
            region_name=KEYS["AWS_REGION"],
            aws_access_key_id=KEYS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=KEYS["AWS_SECRET_ACCESS_KEY"],
        )
        client.create_bucket(Bucket="office")
        client.create_bucket(Bucket=CARELESS)
        yield address


@pytest.fixture
def address(storage: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Where a new store can be; the environment says how to get there."""
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_ENDPOINT_URL", storage)
    monkeypatch.setenv("TALLYMARK_CACHE", str(tmp_path / "copies"))
    return f"s3://office/{uuid.uuid4().hex[:8]}/store"


def test_the_whole_line_is_the_same_as_in_a_folder(
    address: str, office: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TALLYMARK_VAULT", str(office / "vault"))
    monkeypatch.setenv("TALLYMARK_VAULT_KEY_FILE", str(office / "store.key"))
    for dataset in ("visits", "monthly", "residents"):
        file = f"clinic/data/{dataset}.csv"
        said = call("receive", "clinic", address, dataset, file, "--received-at", RECEIVED)
        assert said.code == 0, said.err
    said = call("assess", "clinic", address, "--contract", CONTRACT)
    assert said.code == 0, said.err
    (here,) = runs_in(office / "store/runs")
    assert said.out.splitlines()[-1] == f"run: {address}/runs/{here.id}"

    monkeypatch.setenv("TALLYMARK_CACHE", str(office / "another machine"))
    ask = ("--indicator", "seen_in_time", "--unit", "C3", "--period", "2025-02")
    figures = [call("explain", place, *ask, "--json").out for place in ("store", f"{address}/runs/{here.id}")]
    assert len(set(figures)) == 1
    assert json.loads(figures[0])["rows"]
    (there,) = runs_in(beside(open_store(address)) / "runs")
    assert there.manifest["tables"] == here.manifest["tables"]
    assert call("publish", address, "site").code == 0
    assert (office / "site/index.html").is_file()
    in_bucket = [entry.name for entry in bucket_of(address, {}).entries("releases/")]  # type: ignore[union-attr]
    assert [name for name in in_bucket if name.endswith("/release.json")]

    secret = KEYS["AWS_SECRET_ACCESS_KEY"]
    assert secret not in repr(open_store(address))
    assert not [p for p in office.rglob("*") if p.is_file() and secret.encode() in p.read_bytes()]


def test_two_receivers_at_once_one_of_them_killed(address: str) -> None:
    """The other process delivers four times, and dies in the fifth, with all rows written but not yet counting."""
    store = open_store(address)
    command = [sys.executable, "-c", RECEIVER, address]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=ROOT) as process:
        mine = [store.append(batch(f"mine {at}", reports=rows({f"mine {at}": at}))) for at in range(4)]
        assert process.wait() == -signal.SIGKILL, process.stderr and process.stderr.read()
    expected = {f"{who} {at}": at for who in ("mine", "other") for at in range(4)}
    assert now(store) == expected
    mine.append(store.append(batch("next", reports=rows({"next": 1}))))
    assert now(store) == expected | {"next": 1}
    assert mine == sorted(mine)
    numbers = store.receipts().column("_batch").to_pylist()
    assert len(numbers) == 9
    assert max(numbers) == 10  # the number of the killed one is never given again


@pytest.mark.parametrize("checked", [True, False])
def test_one_that_comes_too_late_does_not_count(address: str, checked: bool) -> None:
    """A receiver falls silent before it writes while another one delivers, then goes on.

    Even where its last look at the turns came just before it lost its own.
    """
    store = open_store(address)
    store.append(batch("first", reports=rows({"a": 1})))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(turns, "SILENCE", 0.4)
        patch.setattr(turns.Turn, "live", lambda self: None)
        patch.setattr(turns.Turn, "check", turns.Turn.check if checked else lambda self: None)
        with store.writing() as number:
            turn = turns.HELD[store.root]
            patch.setattr(turns, "SILENCE", 30.0)
            assert store.append(batch("quick", reports=rows({"quick": 1}))) == number + 1
            patch.setitem(turns.HELD, store.root, turn)
            with pytest.raises(StoreError, match="lost its turn"):
                store.commit(batch("slow", reports=rows({"slow": 1})), number)
            assert now(store) == {"a": 1, "quick": 1}
    turns.HELD.clear()
    assert store.append(batch("last", reports=rows({"b": 2}))) == 4
    assert now(store) == {"a": 1, "quick": 1, "b": 2}
    files = delta.files(store._place("reports"), delta.open_table(store._place("reports")))  # type: ignore[arg-type]
    assert [low for low, _ in files.batches] == [1, 3, 4]  # what the late one wrote was taken away


def test_one_that_waits_too_long_says_so(address: str) -> None:
    store = open_store(address)
    with (
        store.writing(),
        pytest.raises(StoreError, match="another delivery is being received"),
        store.writing(wait=0.1),
    ):
        pass


def test_storage_that_heeds_no_conditions_is_refused(address: str) -> None:
    with pytest.raises(StoreError, match="If-None-Match"):
        open_store(f"s3://{CARELESS}/{uuid.uuid4().hex[:8]}")


def test_trouble_is_told_in_a_line(address: str, storage: str, office: Path, call: Call) -> None:
    def told(store: str) -> str:
        said = call("receive", "clinic", store, "monthly", "clinic/data/monthly.csv")
        assert said.code == 2
        assert len(said.err.splitlines()) == 1
        assert KEYS["AWS_SECRET_ACCESS_KEY"] not in said.err
        return said.err

    assert "there is no bucket “nowhere”" in told("s3://nowhere/store")
    assert "a store lies in a folder or at s3://" in told("gs://office/store")
    assert "holds no run" in call("findings", address).err
    auth = urllib.request.Request(
        f"{storage}/moto-api/reset-auth", method="POST", headers={"Content-Type": "text/plain"}
    )
    try:
        urllib.request.urlopen(auth, data=b"0")  # from now on keys are looked at
        assert "refuses the keys (InvalidAccessKeyId)" in told(address)
    finally:
        urllib.request.urlopen(auth, data=b"1000000000")
    os.environ["AWS_ENDPOINT_URL"] = "http://127.0.0.1:9"  # nobody is there; put back by `address`
    assert "cannot be reached" in told(address)


SKEWED = """Error performing PUT http://storage/office/x in 3ms - Server returned non-2xx status code: 403 Forbidden:
<Error><Code>RequestTimeTooSkewed</Code><Message>The difference between the request time and the current time is too large.
</Message></Error>"""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (SKEWED, "Set this machine's clock"),
        ("301 Moved: <Error><Code>PermanentRedirect</Code></Error>", "AWS_REGION"),
        ("<Error><Code>SlowDown</Code></Error>", "cannot be read or written (SlowDown)"),
    ],
)
def test_answers_that_the_server_of_the_tests_does_not_give(text: str, words: str) -> None:
    assert words in str(bucket.said("s3://office/x", OSError(text)))
