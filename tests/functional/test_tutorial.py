"""The tutorial, run as it stands."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_every_command_of_the_tutorial(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
    script = "set -euo pipefail\n" + "\n".join(BLOCK.findall(text))
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "LC_ALL": "C.UTF-8",
    }
    # `! command` does not stop `bash -e`, so each is turned into a check of its own.
    script = re.sub(
        r"^! (.*)$", r'if \1; then echo "expected a refusal: \1"; exit 9; fi', script, flags=re.MULTILINE
    )
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
    assert "did you mean" in done.stdout
    assert "the same, byte for byte" in done.stdout
    assert "REHEARSAL" in done.stdout
    assert (tmp_path / "site" / "index.html").is_file()
