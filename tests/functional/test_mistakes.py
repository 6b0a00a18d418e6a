"""People's mistakes: one line on stderr that says what and what to do, nothing on stdout, exit 2, no traceback."""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.functional.conftest import CONTRACT, Call

CHINESE = re.compile("[一-鿿]")
LONG = "n" * 300
FIGURE = ("--indicator", "seen_in_time", "--unit", "C1")
ASSESS = ("assess", "clinic", "store", "--contract", CONTRACT)

CALLS: dict[str, tuple[tuple[str, ...], str]] = {
    "command": (("asess",), "there is no command 'asess'; did you mean assess?"),
    "command, nothing near": (("zzz",), "such as new, lint"),
    "option": ((*ASSESS, "--rehersal"), "there is no option --rehersal; did you mean --rehearsal?"),
    "option, nothing near": ((*ASSESS, "--zzz"), "there is no option --zzz (see 'tallymark assess --help')"),
    "option of the group": (("--versoin",), "did you mean --version?"),
    "short option": (("lint", "-q", "clinic"), "there is no option -q"),
    "option without its value": (
        ("assess", "clinic", "store", "--contract"),
        "option --contract needs a value",
    ),
    "flag with a value": (("lint", "clinic", "--json=yes"), "option --json takes no value"),
    "argument missing": (("assess", "clinic"), "STORE is missing (see 'tallymark assess --help')"),
    "required option missing": (("assess", "clinic", "store"), "--contract is missing"),
    "files missing": (("receive", "clinic", "store", "visits"), "FILES is missing"),
    "argument too many": (("findings", "store", "more"), "nothing is known to do with 'more'"),
    "language": (("lint", "clinic", "--lang", "fr"), "--lang has no 'fr'; there are: en, zh"),
    "language, nearly": (("lint", "clinic", "--lang", "ZH"), "did you mean zh?"),
    "severity": (("findings", "store", "--severity", "eror"), "did you mean error?"),
    "engine": ((*ASSESS, "--engine", "dukdb"), "did you mean duckdb?"),
    "negative number": (
        ("findings", "store", "--most", "-1"),
        "--most is a whole number from 0 on, not '-1'",
    ),
    "no number": (("findings", "store", "--most", "many"), "not 'many'"),
    "fraction": (("findings", "store", "--most", "1.5"), "not '1.5'"),
    "port too high": (("serve", "store", "--port", "65536"), "from 0 to 65535"),
    "no events": (("demo", "d", "--events", "0"), "--events is a whole number from 1 to 50000000"),
    "data version 0": ((*ASSESS, "--data-version", "0"), "from 1 on"),
    "data version to come": ((*ASSESS, "--data-version", "99"), "no version 99; the last one is 3"),
    "date": (
        ("receive", "clinic", "store", "visits", "clinic/data/visits.csv", "--received-at", "2025-02-30"),
        "2025-02-30",
    ),
    "date, words": (
        ("receive", "clinic", "store", "visits", "clinic/data/visits.csv", "--received-at", "May"),
        "'May'",
    ),
    "contract": (("assess", "clinic", "store", "--contract", "services-2052"), "did you mean services-2025?"),
    "contract, nothing near": (("assess", "clinic", "store", "--contract", "x"), f"there are: {CONTRACT}"),
    "period": ((*ASSESS, "--period", "SX2025"), "“SX2025” is not a period"),
    "period, no such month": ((*ASSESS, "--period", "2025-13"), "2025-13"),
    "period, no such year": ((*ASSESS, "--period", "SY0000"), "cannot be dated"),
    "period of days": ((*ASSESS, "--period", "2025-03-14"), "is not made of whole months"),
    "period too early for a comparison": ((*ASSESS, "--period", "0002"), "cannot be dated"),
    "indicator": (
        ("explain", "store", "--indicator", "seen_in_tme", "--unit", "C1"),
        "did you mean seen_in_time?",
    ),
    "unit": (("explain", "store", "--indicator", "seen_in_time", "--unit", "c11"), "did you mean C1"),
    "unit, nothing near": (
        ("explain", "store", "--indicator", "seen_in_time", "--unit", "?"),
        "there are: D, C1, C2",
    ),
    "period without a figure": (
        ("explain", "store", *FIGURE, "--period", "2031"),
        "its periods of this unit are: ",
    ),
    "unit of findings": (("findings", "store", "--unit", "C11"), "did you mean C1"),
    "programme absent": (("lint", "clinik"), "there is no clinik; did you mean clinic?"),
    "programme absent, nothing near": (("assess", "zzz", "store", "--contract", CONTRACT), "there is no zzz"),
    "programme absent in an absent folder": (("lint", "a/b/c"), "there is no a/b/c"),
    "programme with too long a name": (("lint", LONG), "name too long"),
    "programme not named": (("lint",), "say which programme folder to check"),
    "programme empty": (("lint", ""), "PROGRAMME is empty"),
    "store absent": (("assess", "clinic", "stoer", "--contract", CONTRACT), "did you mean store?"),
    "store is a programme": (("assess", "clinic", "clinic", "--contract", CONTRACT), "clinic is no store"),
    "store is a file": (("assess", "clinic", "note.txt", "--contract", CONTRACT), "note.txt is no store"),
    "receive into a programme": (
        ("receive", "clinic", "clinic", "visits", "clinic/data/visits.csv"),
        "not a store",
    ),
    "receive into a file": (
        ("receive", "clinic", "note.txt", "visits", "clinic/data/visits.csv"),
        "note.txt",
    ),
    "receive below a file": (
        ("receive", "clinic", "note.txt/s", "visits", "clinic/data/visits.csv"),
        "note.txt",
    ),
    "receive into too long a name": (
        ("receive", "clinic", LONG, "visits", "clinic/data/visits.csv"),
        "name too long",
    ),
    "source": (("receive", "clinic", "store", "visist", "clinic/data/visits.csv"), "Did you mean visits"),
    "delivery absent": (
        ("receive", "clinic", "store", "visits", "clinic/data/visit.csv"),
        "did you mean clinic/data/visits.csv?",
    ),
    "delivery is a folder": (("receive", "clinic", "store", "visits", "clinic/data"), "clinic/data"),
    "delivery empty": (("receive", "clinic", "store", "visits", "empty.csv"), "empty"),
    "delivery blank": (("receive", "clinic", "store", "visits", "blank.csv"), "blank.csv"),
    "delivery is binary": (("receive", "clinic", "store", "visits", "binary.csv"), "binary.csv"),
    "delivery is another table": (
        ("receive", "clinic", "store", "visits", "clinic/data/monthly.csv"),
        "no column",
    ),
    "delivery with too long a name": (
        ("receive", "clinic", "store", "visits", f"{LONG}.csv"),
        "name too long",
    ),
    "delivery is a broken gzip": (("receive", "clinic", "store", "visits", "broken.csv.gz"), "broken.csv.gz"),
    "delivery is a loop of links": (("receive", "clinic", "store", "visits", "loop.csv"), "loop.csv"),
    "delivery is a link to nothing": (
        ("receive", "clinic", "store", "visits", "dangling.csv"),
        "there is no dangling.csv",
    ),
    "delivery that cannot be read": (
        ("receive", "clinic", "store", "visits", "unreadable.csv"),
        "Input/output error",
    ),
    "programme is binary": (("import-dhis2", "binary.csv", "binary.csv", "out"), "binary.csv"),
    "store in an absent folder's file": (("findings", "note.txt/store"), "there is no note.txt/store"),
    "run absent": (
        ("explain", "store/runs/services-2025", *FIGURE),
        "did you mean store/runs/services-2025-",
    ),
    "run is a programme": (("findings", "clinic"), "clinic holds no run"),
    "run is a file": (("findings", "note.txt"), "note.txt holds no run"),
    "run is the manifest": (("findings", "store/store.json"), "holds no run"),
    "run of an empty folder": (("explain", "hollow", *FIGURE), "hollow holds no run"),
    "recompute from no store": (("recompute", "store", "--store", "clinic"), "clinic is no store"),
    "recompute from an absent store": (("recompute", "store", "--store", "stor"), "did you mean store?"),
    "publish into a programme": (("publish", "store", "clinic"), "clinic exists and is no site made here"),
    "publish into a file": (("publish", "store", "note.txt"), "note.txt exists and is no site made here"),
    "publish below a file": (("publish", "store", "note.txt/site"), "note.txt"),
    "publish into too long a name": (("publish", "store", LONG), "name too long"),
    "publish over the store": (("publish", "store", "store"), "store exists and is no site made here"),
    "serve no site": (("serve", "clinic"), "holds no published site"),
    "serve an absent site": (("serve", "sit"), "there is no sit"),
    "new over something": (("new", "clinic"), "not empty"),
    "new over a file": (("new", "note.txt"), "note.txt"),
    "new below a file": (("new", "note.txt/p"), "note.txt"),
    "new with too long a name": (("new", LONG), LONG[:20]),
    "new with an impossible code": (("new", "fresh", "--code", "1 2"), "--code"),
    "new in Chinese without a code": (("new", "诊所"), "--code"),
    "demo over something": (("demo", "clinic", "--no-serve"), "not empty and no earlier demo"),
    "demo over a file": (("demo", "note.txt", "--no-serve"), "not empty and no earlier demo"),
    "import of nothing": (("import-dhis2", "a.json", "b.json", "out"), "there is no a.json"),
    "import of no JSON": (("import-dhis2", "note.txt", "note.txt", "out"), "not JSON"),
    "import of something else": (
        ("import-dhis2", "store/store.json", "store/store.json", "out"),
        "store.json",
    ),
    "import over something": (("import-dhis2", "note.txt", "note.txt", "clinic"), "not empty"),
}


@pytest.fixture
def place(office: Path) -> Path:
    """The office with some things that are not what they seem."""
    (office / "note.txt").write_text("a note\n", encoding="utf-8")
    (office / "empty.csv").write_bytes(b"")
    (office / "blank.csv").write_text("\n\n \n", encoding="utf-8")
    (office / "binary.csv").write_bytes(bytes(range(256)) * 20)
    (office / "broken.csv.gz").write_bytes(gzip.compress(b"number,clinic\n" * 1000)[:40])
    (office / "hollow").mkdir()
    (office / "loop.csv").symlink_to("loop.csv")
    (office / "dangling.csv").symlink_to("gone.csv")
    (office / "unreadable.csv").symlink_to("/proc/self/mem")
    return office


def everything(folder: Path) -> dict[str, bytes | None]:
    """Every path below a folder with its content."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
        if path.name != "lock" and not path.is_symlink()
    }


@pytest.mark.parametrize("name", CALLS)
def test_a_mistake_is_one_line_and_changes_nothing(name: str, place: Path, call: Call) -> None:
    arguments, words = CALLS[name]
    if "unreadable.csv" in arguments and not Path("/proc/self/mem").exists():
        pytest.skip("there is no file here that nobody can read")
    before = everything(place)
    said = call(*arguments)
    assert (said.code, said.out) == (2, ""), said.err
    assert re.fullmatch(r"tallymark: [^\n]+\n", said.err), said.err
    assert words.lower() in said.err.lower(), said.err
    assert everything(place) == before


@pytest.mark.parametrize("name", [name for name in CALLS if "--lang" not in CALLS[name][0]])
def test_a_mistake_is_told_in_chinese(name: str, place: Path, call: Call) -> None:
    arguments, _ = CALLS[name]
    said = call("--lang", "zh", *arguments)
    assert said.code == 2
    assert CHINESE.search(said.err.replace("诊所", "")), said.err


# damaged runs and stores

FIGURES = ("explain", "store", *FIGURE)
DAMAGE: dict[str, tuple[Callable[[Path], object], str]] = {
    "manifest cut off": (lambda run: (run / "manifest.json").write_text('{"run": "x', "utf-8"), "manifest.json is damaged"),
    "manifest of nothing": (lambda run: (run / "manifest.json").write_text("null", "utf-8"), "manifest.json is damaged"),
    "manifest a list": (lambda run: (run / "manifest.json").write_text("[]", "utf-8"), "manifest.json is damaged"),
    "manifest without tables": (lambda run: (run / "manifest.json").write_text("{}", "utf-8"), "manifest.json is damaged"),
    "manifest with wrong kinds": (
        lambda run: (run / "manifest.json").write_text(
            json.dumps(json.loads((run / "manifest.json").read_text("utf-8")) | {"tables": {"units": 3}}), "utf-8"
        ),
        "manifest.json is damaged",
    ),
    "manifest not UTF-8": (lambda run: (run / "manifest.json").write_bytes(b"\xff\xfe\x00"), "manifest.json is damaged"),
    "manifest a folder": (
        lambda run: ((run / "manifest.json").unlink(), (run / "manifest.json").mkdir()),
        "holds no run|is damaged",
    ),
    "tables cut off": (lambda run: cut(run, 100), "altered|damaged"),
    "tables empty": (lambda run: cut(run, 0), "altered|damaged"),
    "tables gone": (lambda run: [path.unlink() for path in run.glob("*.parquet")], "altered|gone"),
    "tables of something else": (
        lambda run: [path.write_bytes(b"PAR1 no table at all PAR1") for path in run.glob("*.parquet")],
        "altered|damaged",
    ),
}  # fmt: skip


def cut(run: Path, length: int) -> None:
    for path in run.glob("*.parquet"):
        path.write_bytes(path.read_bytes()[:length])


@pytest.mark.parametrize("name", DAMAGE)
@pytest.mark.parametrize(
    "arguments", [FIGURES, ("findings", "store"), ("publish", "store", "site")], ids=lambda a: a[0]
)
def test_a_damaged_run_is_told_in_one_line(
    arguments: tuple[str, ...], name: str, office: Path, call: Call
) -> None:
    harm, words = DAMAGE[name]
    (run,) = (office / "store" / "runs").iterdir()
    harm(run)
    said = call(*arguments)
    assert (said.code, said.out) == (2, ""), said.err
    assert re.fullmatch(r"tallymark: [^\n]+\n", said.err), said.err
    assert re.search(words, said.err), said.err
    assert not (office / "site").exists()


@pytest.mark.parametrize("name", DAMAGE)
def test_recompute_survives_damage(name: str, office: Path, call: Call) -> None:
    (run,) = (office / "store" / "runs").iterdir()
    DAMAGE[name][0](run)
    said = call("recompute", "store")
    assert said.code in (1, 2)
    assert "Traceback" not in said.err


def hollow(content: bytes) -> bytes:
    """A file of the same length whose first third is zeros: its footer is whole, its pages are not."""
    third = len(content) // 3
    return content[:4] + bytes(third) + content[4 + third :]


STORE_DAMAGE: dict[str, Callable[[Path], object]] = {
    "marker cut off": lambda store: (store / "store.json").write_text("{", "utf-8"),
    "marker of another format": lambda store: (store / "store.json").write_text('{"format": 99}', "utf-8"),
    "marker a list": lambda store: (store / "store.json").write_text("[]", "utf-8"),
    "log gone": lambda store: [shutil.rmtree(path) for path in store.rglob("_delta_log")],
    "log damaged": lambda store: [path.write_text("{", "utf-8") for path in store.rglob("_delta_log/*.json")],
    "rows gone": lambda store: [path.unlink() for path in store.rglob("tables/**/*.parquet")],
    "rows damaged": lambda store: [
        path.write_bytes(b"PAR1") for path in store.rglob("tables/*/*.parquet") if path.parent.name[0] != "_"
    ],
    "pages damaged": lambda store: [
        path.write_bytes(hollow(path.read_bytes()))
        for path in store.rglob("tables/*/*.parquet")
        if path.parent.name[0] != "_"
    ],
    "receipts damaged": lambda store: [
        path.write_bytes(b"PAR1") for path in store.rglob("tables/_*/*.parquet")
    ],
}


@pytest.mark.parametrize("name", STORE_DAMAGE)
@pytest.mark.parametrize(
    "arguments",
    [
        ASSESS,
        ("receive", "clinic", "store", "monthly", "clinic/data/monthly.csv"),
        ("recompute", "store"),
        FIGURES,
    ],
    ids=lambda a: a[0],
)
def test_a_damaged_store_is_no_bug_of_ours(
    arguments: tuple[str, ...], name: str, office: Path, call: Call
) -> None:
    STORE_DAMAGE[name](office / "store")
    said = call(*arguments)
    assert "Traceback" not in said.err
    assert said.code in (0, 1, 2)
    if said.code == 2:
        assert re.fullmatch(r"tallymark: [^\n]+\n", said.err), said.err


# names that are unusual and yet fine


UNUSUAL = [
    "镇 卫生院 №7",
    "a'b\"c",
    "{brace} [1] *",
    "ǘx",
    "-dash",
    "#a&b=c;d$e!",
]


@pytest.mark.parametrize("name", UNUSUAL)
def test_unusual_names_are_fine(
    name: str, made: Path, tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / name
    shutil.copytree(made, folder)
    monkeypatch.chdir(folder)
    clinic, store, site = folder / "clinic", folder / "store", folder / "site"
    assert call("lint", clinic).code == 0
    assert call("receive", clinic, store, "visits", clinic / "data" / "visits.csv").code == 0
    assert call("assess", clinic, store, "--contract", CONTRACT, "--rehearsal").code == 0
    assert call("explain", store, *FIGURE).code == 0
    assert call("recompute", store).code == 0
    assert call("publish", store, site).code == 0


def test_a_store_below_a_name_that_would_be_read_as_another(made: Path, tmp_path: Path, call: Call) -> None:
    """delta-rs decodes paths twice: `per%cent` would be another folder, so that it is refused before anything is made."""
    folder = tmp_path / "per%cent"
    folder.mkdir()
    said = call(
        "receive", made / "clinic", folder / "store", "visits", made / "clinic" / "data" / "visits.csv"
    )
    assert said.code == 2
    assert re.fullmatch(r"tallymark: [^\n]+“%”[^\n]+\n", said.err), said.err
    assert not any(folder.iterdir())


def test_a_folder_that_cannot_be_written(office: Path, call: Call) -> None:
    """`/proc` refuses even the superuser, as a read-only medium does."""
    if not os.path.isdir("/proc/self"):
        pytest.skip("there is no folder here that refuses everybody")
    for arguments in (
        ("new", "/proc/self/p"),
        ("receive", "clinic", "/proc/self/s", "visits", "clinic/data/visits.csv"),
        ("publish", "store", "/proc/self/site"),
        ("demo", "/proc/self/d", "--no-serve"),
    ):
        said = call(*arguments)
        assert (said.code, said.out) == (2, ""), arguments
        assert re.fullmatch(r"tallymark: [^\n]+\n", said.err), said.err
