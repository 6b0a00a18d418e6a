"""Files that were handed in, kept by their hash; those with what identifies people are under the vault's key."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from tallymark.errors import TallymarkError
from tallymark.vault.key import InvalidTag, derived, locked, opened
from tallymark_web.workplace import vault

SEALED = ".sealed"
USE = "uploads"


def keep(digest: str, name: str, content: bytes, *, sealed: bool) -> None:
    """Keeps a file under its own name, which receipts and findings quote."""
    place = _path(digest, name)
    if sealed:
        place = place.with_name(f"{place.name}{SEALED}")
        content = locked(_key(), content, digest.encode())
    if place.is_file():
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    fresh = place.with_name(f"{place.name}.new")
    fresh.write_bytes(content)
    fresh.replace(place)


@contextmanager
def in_hand(digest: str, name: str) -> Iterator[Path]:
    """The file to be read, as it was handed in; one that is sealed is open while the block runs.

    Errors: TallymarkError when the vault's key does not open it.
    """
    place = _path(digest, name)
    sealed = place.with_name(f"{place.name}{SEALED}")
    if not sealed.is_file():
        yield place
        return
    with tempfile.TemporaryDirectory(prefix="tallymark-") as folder:
        passing = Path(folder) / name
        try:
            passing.write_bytes(opened(_key(), sealed.read_bytes(), digest.encode()))
        except InvalidTag as error:
            raise TallymarkError(
                "{file}: the vault's file is damaged or was changed.", file=sealed
            ) from error
        yield passing


def _key() -> bytes:
    return derived(vault().secret, USE)


def _path(digest: str, name: str) -> Path:
    folder: Path = settings.INSTALLATION.web / "uploads"
    return folder / digest[:16] / name
