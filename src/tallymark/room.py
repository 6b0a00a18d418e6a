"""Room on disk: where what does not fit into memory is put, and what is said when no room is left."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
import uuid
from pathlib import Path

from tallymark.errors import TallymarkError

SPILL = "TALLYMARK_SPILL"
DISK = Path("/var/tmp")
"""On disk where /tmp may be memory."""
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
SAID = (*map(os.strerror, FULL), "max_temp_directory_size")
"""What libraries say of a full disk in their own errors; DuckDB also takes nine tenths of the room for its limit."""
SPILLED = ("duckdb_temp", "max_temp_directory_size", "tallymark-spill")
"""In errors about what did not fit into memory."""


def spill_base() -> Path:
    """The folder below which working files are put: TALLYMARK_SPILL, TMPDIR, or a folder of the system's on disk.

    Errors: TallymarkError when TALLYMARK_SPILL names none that can be written.
    """
    given = os.environ.get(SPILL)
    if given:
        if not _writable(Path(given)):
            raise TallymarkError(
                "{setting}: {folder} is no folder that can be written. Make it, or name another.",
                setting=SPILL,
                folder=given,
            )
        return Path(given)
    if not os.environ.get("TMPDIR") and _writable(DISK):
        return DISK
    return Path(tempfile.gettempdir())


def spill_folder() -> Path:
    """A folder that no other connection has; DuckDB makes it when it needs it, and takes it away."""
    return spill_base() / f"tallymark-spill-{uuid.uuid4().hex}"


def is_full(error: BaseException) -> bool:
    """Whether a disk, a quota or a limit on files is what stands in the way."""
    return (isinstance(error, OSError) and error.errno in FULL) or any(said in str(error) for said in SAID)


def no_room(kind: type[TallymarkError], folder: str | Path, error: BaseException) -> TallymarkError:
    """What is said of a full disk: where, how much, what to do. Working files are told from what is kept."""
    if any(word in str(error) for word in SPILLED):
        where = spill_base()
        return kind(
            "{folder}: no room for what does not fit into memory ({free} MB free: {reason}). Make room, or name a folder "
            "on a larger disk in {setting}, and try again; nothing was changed.",
            folder=where, free=_free(where), reason=_reason(error), setting=SPILL,
        )  # fmt: skip
    return kind(
        "{folder}: no room is left on the disk ({free} MB free: {reason}). Make room and try again; nothing was changed.",
        folder=folder, free=_free(Path(folder)), reason=_reason(error),
    )  # fmt: skip


def _free(folder: Path) -> str:
    """Free megabytes where a folder is, or will be."""
    there = next((one for one in (folder, *folder.absolute().parents) if one.exists()), None)
    return "–" if there is None else f"{shutil.disk_usage(there).free / 1e6:,.1f}"


def _reason(error: BaseException) -> str:
    said = str(error)
    return next((one for one in map(os.strerror, FULL) if one in said), os.strerror(errno.ENOSPC))


def _writable(folder: Path) -> bool:
    return folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)
