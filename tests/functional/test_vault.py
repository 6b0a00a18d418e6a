"""People in a delivery: nowhere in store, runs and site; in the vault, opened for declared purposes, all written down."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import os
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq
import pytest
from tests.functional.conftest import Call

import tallymark as tm
from tallymark.errors import TallymarkError
from tallymark.opening import Access, open_rows
from tallymark.simulate.lists import simulate_lists
from tallymark.vault import open_vault, places

ROOT = Path(__file__).parents[2]
AT = dt.datetime(2025, 4, 3, tzinfo=dt.UTC)
PROGRAMME = """
programme:
  code: people
  title: {en: Newborns, zh: 新生儿}
  levels: [{code: village, title: {en: Village, zh: 村}}]
  calendar: {frequencies: [month, year]}
units: {rows: [{unit: V1, level: village}, {unit: V2, level: village}]}
datasets:
  births:
    kind: events
    unit: unit
    date: born
    key: [serial]
    absence: zero
    purpose: Registration of newborns that the family asked for.
    opened_for: [birth_registration]
    columns:
      serial: {type: text, required: true, sensitivity: personal}
      mother: {type: text, sensitivity: personal}
      mother_id: {type: text, sensitivity: personal}
      mother_born: {type: date, sensitivity: personal}
      address: {type: text, sensitivity: sensitive}
      sex: {type: category, values: [female, male]}
      weight_g: {type: integer, max: 7000, sensitivity: sensitive}
measures:
  births: {dataset: births}
  small: {dataset: births, where: weight_g < 2500}
  mothers: {dataset: births, aggregate: distinct, of: mother_id}
  with_number: {dataset: births, where: mother_id IS NOT NULL}
indicators:
  numbered:
    title: {en: Births with the mother's number, zh: 登记母亲证件号的出生}
    numerator: with_number
    denominator: births
    factor: 100
    direction: higher
    concerns: completeness
    interval: wilson
contracts:
  c:
    title: {en: Contract, zh: 责任书}
    level: village
    period: "2025"
    points: 10
    sections:
      - code: s
        title: {en: Section, zh: 部分}
        lines: [{code: l, title: {en: Numbered, zh: 有证件号}, indicator: numbered, points: 10, award: {kind: proportional, target: 100}}]
"""
HEADING = "serial,unit,born,mother,mother_id,mother_born,address,sex,weight_g,phone\n"
ROWS = [
    "SER-0001,V1,2025-01-03,欧阳芳菲,420281199003074322,1990-03-07,霁川路77号,female,3100,13912345678",
    "SER-0002,V1,2025-01-03,欧阳芳菲,420281199003074322,1990-03-07,霁川路77号,male,2300,13912345678",
    "SER-0003,V2,2025-02-11,Zbigniewa Quill,420222199212114567,1992-12-11,Quillstrasse 9,female,3300,13988888888",
    "SER-0004,V2,2025-02-12,罗珍馐,,,,female,3000,13977777777",
    "SER-0005,V9x,2025-02-12,佟稀罕,421123199212114568,1992-12-11,无名巷3号,female,3000,13977777776",
    "SER-0006,佟不巧,2025-02-12,V2,421123199212114569,1992-12-11,无名巷4号,female,3000,13977777775",
    "SER-0007,V2,2025-02-12,岑错行,x,not a day 岑错行,y,岑错行,3000,13977777774",
]  # fmt: skip
PLANTED = [
    "SER-000", "欧阳芳菲", "420281199003074322", "霁川路", "Zbigniewa", "420222199212114567", "Quillstrasse", "罗珍馐", "佟稀罕",
    "421123199212114568", "无名巷", "佟不巧", "421123199212114569", "岑错行", "139123", "139888", "1397777", "1990-03-07",
]  # fmt: skip


def office(folder: Path) -> tuple[tm.Programme, tm.Store]:
    (folder / "programme").mkdir(parents=True)
    (folder / "programme" / "programme.yaml").write_text(PROGRAMME, encoding="utf-8")
    return tm.load(folder / "programme"), tm.open_store(folder / "store")


def sent(folder: Path, rows: list[str], name: str = "births.csv") -> Path:
    place = folder / name
    place.write_text(HEADING + "\n".join(rows) + "\n", encoding="utf-8")
    return place


def texts(folder: Path) -> Iterator[tuple[Path, str]]:
    """Everything that a folder's files say: their bytes, and what compressed ones hold."""
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        content = path.read_bytes()
        yield path, content.decode("utf-8", "replace")
        if path.suffix == ".parquet":
            out = io.StringIO()
            csv.writer(out).writerows(
                row.values() for row in pq.read_table(path, partitioning=None).to_pylist()
            )
            yield path, out.getvalue() + str(pq.read_metadata(path).to_dict())
        elif zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as packed:
                for member in packed.namelist():
                    yield path, packed.read(member).decode("utf-8", "replace")


def access(purpose: str = "birth_registration", **given: str) -> Access:
    said = {"who": "Luo, county office", "reason": "certificate for the family"} | given
    return Access(purpose, said["who"], said["reason"], AT)


def opened(folder: Path, programme: tm.Programme, **key: str) -> list[dict[str, object]]:
    store = tm.open_store(folder / "store")
    vault = open_vault(places(store.root, {}))
    return open_rows(programme, store, vault, "births", access=access(), key=key or None).to_pylist()


def test_no_name_or_number_is_in_store_runs_site_or_vault(tmp_path: Path) -> None:
    programme, store = office(tmp_path)
    receipt = tm.receive(programme, store, "births", sent(tmp_path, ROWS), received_at=AT)
    assert receipt.datasets["births"].taken == 5
    corrected = [ROWS[0].replace("欧阳芳菲", "欧阳芳霏"), *ROWS[1:4]]
    tm.receive(programme, store, "births", sent(tmp_path, corrected, "again.csv"), received_at=AT)
    run = tm.assess(programme, store, contract="c", made_at=AT)
    tm.publish_run(run, tmp_path / "site")
    explained = tm.explain(run, indicator="numbered", unit="V1")
    (tmp_path / "site" / "explained.json").write_text(
        json.dumps(explained.as_dict(), default=str, ensure_ascii=False)
    )
    read = 0
    for part in ("store", "site", "store.vault"):
        for path, said in texts(tmp_path / part):
            read += 1
            found = [word for word in [*PLANTED, "欧阳芳霏"] if word in said]
            assert not found, f"{path}: {found}"
    assert read > 30


def test_what_the_scan_looks_for_is_found_where_it_is(tmp_path: Path) -> None:
    programme, _ = office(tmp_path)
    tm.receive(programme, tm.open_store(tmp_path / "store"), "births", sent(tmp_path, ROWS), received_at=AT)
    said = json.dumps(opened(tmp_path, programme), ensure_ascii=False, default=str)
    (tmp_path / "leak").mkdir()
    pq.write_table(
        duckdb.sql("SELECT '欧阳芳菲' AS mother").to_arrow_table(), tmp_path / "leak" / "t.parquet"
    )
    assert any("欧阳芳菲" in text for _, text in texts(tmp_path / "leak"))
    assert all(
        word in said
        for word in ("SER-0003", "欧阳芳菲", "420222199212114567", "Quillstrasse 9", "1990-03-07")
    )


def test_counting_works_on_digests(tmp_path: Path) -> None:
    programme, store = office(tmp_path)
    tm.receive(programme, store, "births", sent(tmp_path, ROWS[:4]), received_at=AT)
    run = tm.assess(programme, store, contract="c", made_at=AT)
    found = {
        (row["measure"], row["unit"]): row["value"]
        for row in run.table("measures").to_pylist()
        if row["period"] == "2025" and row["breakdown"] in (None, "")
    }
    assert found["mothers", "V1"] == 1  # twins have one mother
    assert found["mothers", "V2"] == 1
    assert found["with_number", "V2"] == 1
    assert found["small", "V1"] == 1


def test_sending_again_changes_nothing_and_a_misspelt_name_is_a_correction(tmp_path: Path) -> None:
    programme, store = office(tmp_path)
    tm.receive(programme, store, "births", sent(tmp_path, ROWS[:4]), received_at=AT)
    same = tm.receive(programme, store, "births", sent(tmp_path, ROWS[:4], "same.csv"), received_at=AT)
    assert same.again
    more = tm.receive(programme, store, "births", sent(tmp_path, [*ROWS[:4], ""], "more.csv"), received_at=AT)
    assert (more.datasets["births"].unchanged, more.datasets["births"].taken) == (4, 0)
    blank = ROWS[0].replace("欧阳芳菲,420281199003074322", "欧阳芳霏,")
    fixed = tm.receive(
        programme, store, "births", sent(tmp_path, [blank, *ROWS[1:4]], "fixed.csv"), received_at=AT
    )
    assert (fixed.datasets["births"].corrected, fixed.datasets["births"].unchanged) == (1, 3)
    (first,) = opened(tmp_path, programme, serial="SER-0001")
    assert first["mother"] == "欧阳芳霏"
    assert first["mother_id"] == "420281199003074322"  # a blank keeps what was known before
    assert first["mother_born"] == dt.date(1990, 3, 7)
    assert len(opened(tmp_path, programme)) == 4


def test_a_purpose_that_is_not_declared_is_refused_and_written_down(tmp_path: Path) -> None:
    programme, store = office(tmp_path)
    tm.receive(programme, store, "births", sent(tmp_path, ROWS[:4]), received_at=AT)
    vault = open_vault(places(store.root, {}))
    with pytest.raises(TallymarkError, match="birth_registration"):
        open_rows(programme, store, vault, "births", access=access("vaccination"))
    with pytest.raises(TallymarkError, match="why"):
        open_rows(programme, store, vault, "births", access=access(reason=" "))
    with pytest.raises(TallymarkError, match="serial"):
        open_rows(programme, store, vault, "births", access=access(), key={"mother": "欧阳芳菲"})
    with pytest.raises(
        TallymarkError, match="may not be opened"
    ):  # nor by a programme that was changed since
        list(vault.read(1, "births", "vaccination"))
    opened(tmp_path, programme, serial="SER-0002")
    entries = vault.log.entries()
    assert [entry["action"] for entry in entries] == ["refused", "opened"]
    assert entries[1]["rows"] == ["1:1"]
    assert "SER-0002" not in json.dumps(entries)


def test_a_log_that_was_changed_stops_the_vault(tmp_path: Path) -> None:
    programme, store = office(tmp_path)
    tm.receive(programme, store, "births", sent(tmp_path, ROWS[:4]), received_at=AT)
    for _ in range(3):
        opened(tmp_path, programme, serial="SER-0002")
    log = open_vault(places(store.root, {})).log
    written = log.path.read_text(encoding="utf-8").splitlines()
    for wrong in (
        [written[0], written[1].replace("Luo", "Liu"), written[2]], [written[0], written[2]], [written[1], written[0]],
        written[1:],
    ):  # fmt: skip
        log.path.write_text("\n".join(wrong) + "\n", encoding="utf-8")
        with pytest.raises(TallymarkError, match="entry"):
            log.entries()
        with pytest.raises(TallymarkError, match="entry"):
            opened(tmp_path, programme, serial="SER-0002")


def test_a_sheaf_that_was_changed_is_not_read(tmp_path: Path) -> None:
    programme, store = office(tmp_path)
    tm.receive(programme, store, "births", sent(tmp_path, ROWS[:4]), received_at=AT)
    (sheaf,) = open_vault(places(store.root, {})).sheaves(1, "births")
    whole = sheaf.read_bytes()
    for wrong in (
        whole[:-60], whole[:-1] + bytes([whole[-1] ^ 1]), whole.replace(b"birth_registration", b"Birth_registration"),
    ):  # fmt: skip
        sheaf.write_bytes(wrong)
        with pytest.raises(TallymarkError):
            opened(tmp_path, programme, serial="SER-0002")


def test_without_the_key_nothing_is_read_or_received(tmp_path: Path) -> None:
    programme, store = office(tmp_path)
    receipt = tm.receive(programme, store, "births", sent(tmp_path, ROWS[:4]), received_at=AT)
    assert receipt.key_made == tmp_path / "store.key"
    assert "TALLYMARK_VAULT_KEY_FILE" in receipt.summary()
    assert receipt.key_made.stat().st_mode & 0o077 == 0
    (tmp_path / "store.key").rename(tmp_path / "elsewhere.key")
    with pytest.raises(TallymarkError, match="TALLYMARK_VAULT_KEY_FILE"):
        tm.receive(programme, store, "births", sent(tmp_path, ROWS[:3], "b.csv"), received_at=AT)
    assert store.version == 1
    assert tm.assess(programme, store, contract="c", made_at=AT)  # counting needs no key


def test_a_store_with_names_in_the_clear_is_refused(tmp_path: Path) -> None:
    programme, store = office(tmp_path)
    open_columns = PROGRAMME.replace("sensitivity: personal", "sensitivity: internal").replace(
        "type: text, sensitivity: sensitive", "type: text"
    )
    (tmp_path / "programme" / "programme.yaml").write_text(open_columns, encoding="utf-8")
    tm.receive(tm.load(tmp_path / "programme"), store, "births", sent(tmp_path, ROWS[:4]), received_at=AT)
    with pytest.raises(TallymarkError, match="in the clear"):
        tm.receive(programme, store, "births", sent(tmp_path, ROWS[:3], "b.csv"), received_at=AT)


SCRIPT = """
import os, signal, sys
from pathlib import Path
from tests.functional.test_vault import AT
from tallymark.sources.receive import receive
import tallymark as tm

def crash(step):
    if step == sys.argv[2]:
        os.kill(os.getpid(), signal.SIGKILL)

folder = Path(sys.argv[1])
receive(tm.load(folder / "programme"), tm.open_store(folder / "store"), "births", folder / "births.csv", received_at=AT, crash=crash)
"""


@pytest.mark.parametrize("step", ["read", "compared", "vaulted", "rows:births", "written", "committed"])
def test_a_receiver_that_is_killed_leaves_vault_and_store_together(tmp_path: Path, step: str) -> None:
    programme, store = office(tmp_path)
    sent(tmp_path, ROWS[:3])
    paths = os.pathsep.join([str(ROOT), str(ROOT / "src")])
    killed = subprocess.run(
        [sys.executable, "-c", SCRIPT, tmp_path, step], env={**os.environ, "PYTHONPATH": paths}, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    other = tm.receive(programme, store, "births", sent(tmp_path, ROWS[3:4], "other.csv"), received_at=AT)
    came = step == "committed"
    assert other.batch == (2 if came else 1)
    assert [row["serial"] for row in opened(tmp_path, programme)] == (
        ["SER-0001", "SER-0002", "SER-0003", "SER-0004"] if came else ["SER-0004"]
    )
    assert len(open_vault(places(store.root, {})).sheaves()) == other.batch
    tm.receive(programme, store, "births", tmp_path / "births.csv", received_at=AT)
    assert len(opened(tmp_path, programme)) == 4


def test_the_commands(tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    office(tmp_path)
    monkeypatch.chdir(tmp_path)
    said = call("lint", "programme")
    assert said.code == 0
    assert "tallymark vault key" in said.err
    assert call("vault", "key", "safe.key").code == 0
    monkeypatch.setenv("TALLYMARK_VAULT_KEY_FILE", str(tmp_path / "safe.key"))
    monkeypatch.setenv("TALLYMARK_VAULT", str(tmp_path / "locker"))
    assert call("lint", "programme").err == ""
    sent(tmp_path, ROWS)
    assert call("receive", "programme", "store", "births", "births.csv").code == 1  # rows were refused
    assert not (tmp_path / "store.key").exists()
    ask = ("vault", "open", "programme", "store", "births", "--by", "Luo", "--because", "certificate")
    one = call(*ask, "--for", "birth_registration", "--key", "serial=SER-0003")
    assert (one.code, "Zbigniewa Quill" in one.out) == (0, True)
    assert call(*ask, "--for", "care_asked_for").code == 2
    assert call(*ask, "--for", "birth_registration", "--key", "serial=SER-9").code == 1
    assert call("vault", "key", "new.key").code == 0
    assert call("vault", "rotate", "store", "new.key", "--by", "Luo", "--because", "yearly").code == 0
    assert call(*ask, "--for", "birth_registration", "--json").code == 2  # the old key
    monkeypatch.setenv("TALLYMARK_VAULT_KEY", (tmp_path / "new.key").read_text())
    rows = json.loads(call(*ask, "--for", "birth_registration", "--json").out)
    assert [row["serial"] for row in rows] == ["SER-0001", "SER-0002", "SER-0003", "SER-0004", "SER-0007"]
    gone = (
        "vault",
        "destroy",
        "programme",
        "store",
        "births",
        "--by",
        "Luo",
        "--because",
        "asked by the family",
    )
    assert call(*gone).code == 2
    assert call(*gone, "--key", "serial=SER-0003").code == 0
    rows = json.loads(call(*ask, "--for", "birth_registration", "--json").out)
    assert [row["mother"] for row in rows] == ["欧阳芳菲", "欧阳芳菲", None, "罗珍馐", "岑错行"]
    assert call(*gone, "--before", "2100-01-01").code == 0
    rows = json.loads(call(*ask, "--for", "birth_registration", "--json").out)
    assert [row["mother"] for row in rows] == [None] * 5
    log = json.loads(call("vault", "log", "store", "--json").out)
    assert [entry["action"] for entry in log].count("destroyed") == 2
    assert call("vault", "log", "store").code == 0


LINKAGES = """
linkages:
  births:
    title: {en: Births, zh: 出生}
    purpose: birth_registration
    lists:
      hospital: {dataset: hospital, record: record, columns: {mother: mother, mother_id: mother_id, born: born, phone: phone}}
      registry: {dataset: registry, record: record, columns: {mother: mother, mother_id: mother_id, born: born, phone: phone}}
    fields: {mother: {kind: name}, mother_id: {kind: identity}, born: {kind: date}, phone: {kind: digits}}
"""
LISTED = """
datasets:
  NAME:
    kind: events
    unit: village
    date: born
    key: [record]
    purpose: Registration of newborns.
    opened_for: [birth_registration]
    columns:
      record: {type: text, required: true, sensitivity: personal}
      mother: {type: text, sensitivity: personal}
      mother_id: {type: text, sensitivity: personal}
      phone: {type: text, sensitivity: personal}
"""


def test_lists_are_linked_from_the_vault_and_on_tokens(
    tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    lists = simulate_lists(300, seed=3, error=0.02)
    villages = sorted(
        {unit for table in lists.tables.values() for unit in table["village"].to_pylist() if unit}
    )
    places_ = ", ".join(f"{{unit: {unit}, level: village}}" for unit in villages)
    (tmp_path / "programme").mkdir()
    said = PROGRAMME.replace("{unit: V1, level: village}, {unit: V2, level: village}", places_).split(
        "datasets:"
    )[0]
    for name, text in (
        ("programme", said),
        ("linkages", LINKAGES),
        *((one, LISTED.replace("NAME", one)) for one in lists.tables),
    ):
        (tmp_path / "programme" / f"{name}.yaml").write_text(text, encoding="utf-8")
    for name, table in lists.tables.items():
        arrow_csv.write_csv(table, f"{name}.csv")
        call(
            "receive", "programme", "store", name, f"{name}.csv"
        )  # rows without a village or day are refused
    ask = ("--by", "Luo", "--because", "completeness of registration", "--json")
    made = call("link", "programme", "births", "linked", "--store", "store", *ask)
    assert made.code == 0, made.err
    matched = json.loads(made.out)["records"]["hospital"]["matched"]
    assert matched > 150
    kept = (tmp_path / "linked" / "records.csv").read_text(encoding="utf-8-sig")
    assert not any(record in kept for record in lists.tables["hospital"]["record"].to_pylist())
    assert len(json.loads(call("vault", "log", "store", "--json").out)) == 2
    assert call("link", "programme", "births", "again", "--store", "store").code == 2  # who, and why?
    assert call("vault", "key", "project.key").code == 0
    for name in lists.tables:
        done = call(
            "tokens", "programme", "births", name, f"{name}.csv", f"{name}.tokens.csv", "--key", "project.key"
        )
        assert done.code == 0, done.err
    on_tokens = (
        "--tokens",
        "--list",
        "hospital=hospital.tokens.csv",
        "--list",
        "registry=registry.tokens.csv",
        "--json",
    )
    made = call("link", "programme", "births", "tokened", *on_tokens)
    assert json.loads(made.out)["matched"] >= 0.95 * matched
