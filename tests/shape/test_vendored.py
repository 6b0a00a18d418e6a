"""What others wrote and the web app ships stays byte for byte as it was published, with its licence beside it."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "src" / "tallymark_web" / "static" / "web" / "vendor"


def test_hashes_are_those_written_down() -> None:
    said = (FOLDER / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\S+\.js) \|.*\((\S+)\) \| ([0-9a-f]{64}) \|$", said, flags=re.MULTILINE)
    assert {name for name, _, _ in rows} == {path.name for path in FOLDER.glob("*.js")}
    for name, licence, sha256 in rows:
        assert hashlib.sha256((FOLDER / name).read_bytes()).hexdigest() == sha256
        assert (FOLDER / licence).is_file()
