"""A folder of YAML files: merged sections, places of every word, the hash, and traps of YAML."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path
from typing import Any

import pytest

from tallymark.programme.files import read_folder
from tallymark.programme.load import lint
from tallymark.programme.yaml_text import read_yaml

HEAD = """programme:
  code: here
  title: {en: Here, zh: 此处}
  levels: [{code: clinic, title: {en: Clinic, zh: 站}}]
units:
  rows: [{unit: C1, level: clinic}]
"""


def write(folder: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def said(folder: Path) -> list[str]:
    return [f"{finding.where} {finding.code} {finding.message()}" for finding in lint(folder)]


def test_sections_of_several_files_and_folders_come_together(tmp_path: Path) -> None:
    folder = read_folder(
        write(
            tmp_path,
            {
                "b.yaml": "measures:\n  b: {dataset: d}\n",
                "a.yml": HEAD,
                "more/c.yaml": "measures:\n  c: {dataset: d}\ntests:\n  - {name: two}\n",
                "more/d.yaml": "tests:\n  - {name: three}\n",
                ".git/x.yaml": "measures: {hidden: {}}\n",
                "notes.txt": "measures: {other: {}}\n",
            },
        )
    )
    assert folder.names == ("a.yml", "b.yaml", "more/c.yaml", "more/d.yaml")
    assert list(folder.sections["measures"]) == ["b", "c"]
    assert folder.sections["tests"] == [{"name": "two"}, {"name": "three"}]
    assert folder.positions.at(("measures", "c", "dataset")) == ("more/c.yaml", 2, 7)
    assert folder.positions.at(("tests", 1, "name")) == ("more/d.yaml", 2, 6)
    assert folder.positions.at(("measures", "b", "where")) == ("b.yaml", 2, 3)
    assert folder.findings == []


def test_what_is_declared_in_two_files_is_found_with_both_places(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "a.yaml": HEAD,
            "b.yaml": "units:\n  rows: []\nmeasures:\n  m: {dataset: d}\n",
            "c.yaml": "measures:\n\n  m: {dataset: d}\n",
        },
    )
    found = said(tmp_path)
    assert "b.yaml:2 programme.duplicate 'rows' is declared twice under `units`, first in a.yaml:6" in found
    assert "c.yaml:3 programme.duplicate 'm' is declared twice under `measures`, first in b.yaml:4" in found


def test_byte_order_marks_and_line_ends_of_windows_change_nothing(tmp_path: Path) -> None:
    plain = read_folder(write(tmp_path / "a", {"p.yaml": HEAD}))
    marked = read_folder(
        write(tmp_path / "b", {"p.yaml": b"\xef\xbb\xbf" + HEAD.replace("\n", "\r\n").encode()})
    )
    assert plain.sections == marked.sections
    assert plain.positions.at(("units", "rows")) == marked.positions.at(("units", "rows"))


def test_a_file_in_another_encoding_is_found_and_hides_no_other_problem(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "a.yaml": HEAD,
            "b.yaml": "checks:\n  c: {title: 检查}\n".encode("gb18030"),
            "c.yaml": "nonsense: 1\n",
        },
    )
    assert said(tmp_path) == [
        "b.yaml:2 programme.unreadable b.yaml is not in UTF-8",
        "c.yaml:1 programme.unknown_key there is no section 'nonsense'",
    ]


def test_while_a_file_cannot_be_read_nothing_is_said_of_names_that_may_stand_there(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "a.yaml": HEAD,
            "b.yaml": "measures:\n\tm: {dataset: d}\n",
            "c.yaml": "checks:\n  c: {title: {en: C, zh: 查}, expect: m > 1 and, at: month}\n"
            "  d: {title: {en: C, zh: 查}, expect: m > 1, at: month}\n",
        },
    )
    assert [line.split(" ", 1)[0] for line in said(tmp_path)] == ["b.yaml:2", "c.yaml:2"]


def test_a_store_inside_the_folder_is_no_part_of_the_programme(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "a.yaml": HEAD,
            "store/store.json": "{}",
            "store/runs/one/programme/a.yaml": HEAD,
            "run/manifest.json": "{}",
            "run/programme/a.yaml": HEAD,
        },
    )
    assert read_folder(tmp_path).names == ("a.yaml",)
    assert read_folder(tmp_path / "store" / "runs" / "one" / "programme").names == ("a.yaml",)


def test_no_folder_no_file_and_an_empty_file(tmp_path: Path) -> None:
    assert said(tmp_path / "nowhere") == [
        f"{tmp_path / 'nowhere'} programme.absent there is no folder {tmp_path / 'nowhere'}"
    ]
    assert "there is no .yaml file" in said(tmp_path)[0]
    write(tmp_path, {"a.yaml": "", "b.yaml": "# nothing but a remark\n"})
    assert [line.split(" ", 1)[1] for line in said(tmp_path)] == [
        "programme.missing_key no file declares `programme:`",
        "programme.missing_key no file declares `units:`",
    ]


def test_a_folder_that_may_not_be_read_is_a_finding(tmp_path: Path) -> None:
    write(tmp_path, {"a.yaml": HEAD})
    (tmp_path / "a.yaml").chmod(0)
    if os.geteuid() == 0:  # root may read everything but this
        (tmp_path / "a.yaml").unlink()
        (tmp_path / "a.yaml").symlink_to("/proc/self/mem")
    assert "programme.unreadable" in said(tmp_path)[0]


def test_the_hash_is_of_names_and_bytes_of_all_declared_files(tmp_path: Path) -> None:
    def hashed(files: dict[str, str | bytes]) -> str:
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        return read_folder(write(folder, files)).hash

    one = hashed({"a.yaml": HEAD, "b.yaml": "measures: {}\n"})
    assert one == hashed({"b.yaml": "measures: {}\n", "a.yaml": HEAD, "note.txt": "x"})
    assert one != hashed({"a.yaml": HEAD, "c.yaml": "measures: {}\n"})
    assert one != hashed({"a.yaml": HEAD, "b.yaml": "measures: {} \n"})
    assert len(one) == 64


SCALARS: list[tuple[str, Any]] = [
    ("true", True), ("False", False), ("yes", "yes"), ("no", "no"), ("on", "on"), ("~", None), ("null", None),
    ("12", 12), ("-3", -3), ("+4", 4), ("0", 0), ("007", "007"), ("02", "02"), ("1_000", "1_000"), ("0x1F", "0x1F"),
    ("0o17", "0o17"), ("1:30", "1:30"), ("1.5", 1.5), (".5", 0.5), ("5.", 5.0), ("1e3", 1000.0), ("-2.5E-1", -0.25),
    ("1.2.3", "1.2.3"), ("2025-03-14", dt.date(2025, 3, 14)), ("2025-02-30", "2025-02-30"), ("2025-03", "2025-03"),
    ("2025-03-14 10:00", "2025-03-14 10:00"), ("'12'", "12"), ('"true"', "true"), ("''", ""), ("- x", ["x"]),
    ("北坡", "北坡"), ("[1, 007]", [1, "007"]), ("{a: , b: ~}", {"a": None, "b": None}), ("!!str 12", 12),
]  # fmt: skip


@pytest.mark.parametrize(("text", "value"), SCALARS, ids=[text for text, _ in SCALARS])
def test_values_are_read_as_people_read_them(text: str, value: Any) -> None:
    file = read_yaml(
        "x.yaml", f"a: {text}\n" if not text.startswith("-") or text[1:2] != " " else f"a:\n  {text}\n"
    )
    found = file.value["a"]
    assert found == value
    assert type(found) is type(value)


KEYS = [
    ("no", "no"),
    ("on", "on"),
    ("01", "01"),
    ("2025", "2025"),
    ("null", "null"),
    ("2025-03-14", "2025-03-14"),
]


@pytest.mark.parametrize(("written", "key"), KEYS)
def test_keys_are_what_is_written(written: str, key: str) -> None:
    assert list(read_yaml("x.yaml", f"{written}: 1\n").value) == [key]


HOSTILE = {
    "brackets": "[" * 100_000,
    "braces": "{a: " * 5_000,
    "dashes": "- " * 100_000,
    "indentation": "".join(f"{' ' * depth}a:\n" for depth in range(2_000)),
    "an alias of itself": "a: &a [*a]\n",
    "a merge of itself": "a: &a {<<: *a}\n",
    "control characters": "a: \x00\n",
    "a second document": "a: 1\n---\nb: 2\n",
    "an unknown alias": "a: *nowhere\n",
    "an object": "a: !!python/object/apply:os.system [ls]\n",
    "infinity": "a: .inf\n",
    "a long number": f"a: {'9' * 5_000}\n",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_files_are_findings_not_crashes(text: str, tmp_path: Path) -> None:
    file = read_yaml("x.yaml", text)
    assert file.findings or text.startswith("a: 9")
    write(tmp_path, {"a.yaml": HEAD, "x.yaml": text})
    assert any(finding.where.file == "x.yaml" for finding in lint(tmp_path))


def test_merged_keys_keep_their_own_place_and_are_overridden() -> None:
    file = read_yaml("x.yaml", "base: &b {a: 1, b: 2}\nmore: &m {b: 3, c: 4}\nall:\n  <<: [*b, *m]\n  a: 5\n")
    assert file.value["all"] == {"a": 5, "b": 2, "c": 4}
    assert file.places["all", "b"] == (1, 17)
    assert file.places["all", "a"] == (5, 3)
