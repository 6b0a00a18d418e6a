"""Runs of other versions of the code: which version this is, and a run's own programme as this one reads it."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path

from tallymark.errors import AssessmentError, ProgrammeError
from tallymark.programme.load import load
from tallymark.programme.resolved import Programme
from tallymark.store.runs import Run


@cache
def code_version() -> str:
    """The package's version with a hash of its source, so that changed code never passes for the released one."""
    root = Path(__file__).parent
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return f"{version('tallymark')}+{digest.hexdigest()[:12]}"


def frozen_programme(run: Run) -> Programme:
    """The programme as the run froze it; AssessmentError where another version took what this one refuses."""
    try:
        return load(run.programme_folder)
    except ProgrammeError as error:
        if run.altered() or run.manifest["code_version"] == code_version():
            raise
        raise AssessmentError(
            "run {run} was made by version {version}, which took a programme that this version refuses ({problem}); "
            "mend the programme and run `tallymark assess` again",
            run=run.id,
            version=run.manifest["code_version"],
            problem=error,
        ) from error
