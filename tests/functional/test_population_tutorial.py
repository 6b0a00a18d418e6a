"""docs/population.md, run as it stands."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "population.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(sh|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_every_command_of_the_page(tmp_path: Path) -> None:
    (tmp_path / "docs").symlink_to(ROOT / "docs")
    commands = [body for kind, body in BLOCK.findall(TEXT) if kind == "sh"]
    assert len(commands) >= 5
    # `! command` does not stop `bash -e`, so each is turned into a check of its own.
    script = re.sub(
        r"^! (.*)$",
        r'if \1; then echo "expected a refusal: \1"; exit 9; fi',
        "set -euo pipefail\n" + "\n".join(commands),
        flags=re.MULTILINE,
    )
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "LC_ALL": "C.UTF-8",
    }
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "monoton" in done.stderr
    assert "276,996 people in 6 units" in done.stdout
    assert "378 taken, 0 corrected, 0 unchanged, 0 refused" in done.stdout
    assert "as far as towns err together" in done.stdout


def test_the_python_of_the_page(capsys) -> None:  # type: ignore[no-untyped-def]
    (code,) = [body for kind, body in BLOCK.findall(TEXT) if kind == "python"]
    names: dict[str, object] = {}
    exec(code, names)  # noqa: S102
    assert names["populations"].shape == (11, 2, 101)  # type: ignore[attr-defined]
    assert capsys.readouterr().out
