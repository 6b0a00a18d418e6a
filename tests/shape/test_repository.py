"""What may not be in a commit: addresses in locks, paths of one machine, stale catalogues, missing translations."""

from __future__ import annotations

import importlib
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

import tallymark
from tests.shape.compile_texts import compiled

ROOT = Path(__file__).parents[2]
CATALOGUES = sorted((ROOT / "src" / "tallymark" / "locale").glob("*/*.po"))


def tracked() -> list[Path]:
    if not (ROOT / ".git").exists():
        return []
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-web.lock", "requirements-dev.lock"])
def test_locks_carry_hashes_and_no_addresses(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert "://" not in text
    assert text.count("--hash=sha256:") > 30


def test_no_path_of_one_machine() -> None:
    pattern = re.compile(r"(^|[^A-Za-z0-9_.])/(work|farm|root|home/[a-z]+)/")
    found = []
    for path in tracked():
        if path.suffix in {".py", ".md", ".yaml", ".yml", ".toml", ".html", ".css", ".js", ".csv"}:
            found += [
                f"{path.relative_to(ROOT)}:{number}"
                for number, line in enumerate(
                    path.read_text(encoding="utf-8", errors="replace").splitlines(), 1
                )
                if pattern.search(line)
            ]
    assert not [place for place in found if not place.startswith("tests/shape/test_repository.py")]


@pytest.mark.parametrize("po", CATALOGUES, ids=lambda po: po.stem)
def test_catalogues_are_compiled_and_complete(po: Path) -> None:
    assert po.with_suffix(".mo").read_bytes() == compiled(po), "run `make texts`"
    with po.open("rb") as file:
        catalogue = read_po(file)
    empty = [message.id for message in catalogue if message.id and not message.string]
    assert not empty
    places = re.compile(r"\{(\w+)[^}]*\}")
    astray = [
        message.id
        for message in catalogue
        if message.id and set(places.findall(str(message.string))) - set(places.findall(str(message.id)))
    ]
    assert not astray, "a translation names a place that its message does not have"


def test_public_surface() -> None:
    for name in tallymark.__all__:
        assert getattr(tallymark, name).__doc__
    assert sorted(tallymark._PUBLIC) == sorted(tallymark.__all__)


def test_importing_tallymark_is_light() -> None:
    """No engine, no SciPy, no Arrow before something is used: 50 ms matter in a shell."""
    code = "import sys, tallymark; print([m for m in ('duckdb','scipy','pyarrow','numpy','sqlglot') if m in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert shown.strip() == "[]"


def test_every_module_imports() -> None:
    source = ROOT / "src"
    for path in sorted((source / "tallymark").rglob("*.py")):
        name = ".".join(path.relative_to(source).with_suffix("").parts)
        importlib.import_module(name.removesuffix(".__init__"))


def test_no_name_that_is_imported_late_is_also_a_modules_name() -> None:
    """Importing the module would put it in the name's place: what was a function is a module from then on."""
    clashes = []
    for found in pkgutil.walk_packages(tallymark.__path__, "tallymark."):
        if found.ispkg:
            package = importlib.import_module(found.name)
            inside = {one.name for one in pkgutil.iter_modules(package.__path__)}
            public = inside & set(getattr(package, "__all__", ()))
            clashes += [f"{found.name}.{name}" for name in public if not callable(vars(package).get(name))]
    assert not clashes
