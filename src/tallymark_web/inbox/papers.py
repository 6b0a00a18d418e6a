"""Evidence on disk, by its hash: the same file twice is kept once, and shows as the same."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from django.conf import settings

from tallymark.errors import TallymarkError

MOST = 8 << 20
KINDS = {
    ".pdf": b"%PDF",
    ".png": b"\x89PNG",
    ".jpg": b"\xff\xd8\xff",
    ".jpeg": b"\xff\xd8\xff",
    ".xlsx": b"PK\x03\x04",
    ".docx": b"PK\x03\x04",
    ".csv": b"",
    ".txt": b"",
}
"""Endings that are taken, and how such files begin."""


def keep(name: str, content: bytes) -> tuple[str, str]:
    """(clean name, sha256) of a file now on disk.

    Errors: TallymarkError for a file that is too large, of another kind, or not what its name says.
    """
    clean = re.sub(r"[^\w.() \-]+", "_", Path(name.replace("\\", "/")).name).strip(". ")[-120:]
    ending = Path(clean).suffix.lower()
    if ending not in KINDS:
        raise TallymarkError(
            "{name}: files may be {kinds}", name=clean or "–", kinds=", ".join(sorted(KINDS)).replace(".", "")
        )
    if not content or len(content) > MOST:
        raise TallymarkError(
            "{name}: files may have up to {most} MB and are not empty", name=clean, most=MOST >> 20
        )
    if not content.startswith(KINDS[ending]):
        raise TallymarkError("{name}: the content is not what the name says", name=clean)
    digest = hashlib.sha256(content).hexdigest()
    place = path_of(digest)
    if not place.is_file():
        place.parent.mkdir(parents=True, exist_ok=True)
        fresh = place.with_suffix(".new")
        fresh.write_bytes(content)
        fresh.replace(place)
    return clean, digest


def path_of(digest: str) -> Path:
    """Where the file with a hash stands."""
    folder: Path = settings.INSTALLATION.web / "papers"
    return folder / digest[:2] / digest
