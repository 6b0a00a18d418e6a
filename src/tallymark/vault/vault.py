"""A vault: a folder of sheaves, one a dataset and batch, their secret under the key, and the log of who opened what."""

from __future__ import annotations

import base64
import json
import os
import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from tallymark.errors import TallymarkError
from tallymark.vault.digests import Digests
from tallymark.vault.key import (
    InvalidTag,
    derived,
    fresh_key,
    key_in,
    locked,
    make_key,
    name_of,
    opened,
    read_key,
)
from tallymark.vault.log import Log
from tallymark.vault.places import KEY, KEY_FILE, Places
from tallymark.vault.sheaf import KEEPING, Gathering, Label, label_of, read_sheaf, sync_folder

HEAD, COMING = "vault.json", "coming.json"
FORMAT = 1
SHEAF = re.compile(r"(\d{6,})\.(.+)\.sheaf")
BOUND = b"tallymark vault"
REFUSED = "_refused"
"""The sheaf of rows that were refused, as delivered."""


@dataclass(frozen=True, slots=True)
class Vault:
    """An open vault."""

    folder: Path
    secret: bytes
    made_key: Path | None = None
    """The key's file, where it was made just now because nobody had said where the key is."""

    @property
    def digests(self) -> Digests:
        """What stands in the store for what is here."""
        return Digests(self.secret)

    @property
    def log(self) -> Log:
        """Who opened the vault."""
        return Log(self.folder / "log.jsonl", derived(self.secret, "log"))

    def coming(self, number: int, digest: str) -> None:
        """Notes that a batch is on its way, so that what a killed receiver leaves is known for what it is."""
        _write(self.folder / COMING, {"batch": number, "hash": digest})

    def settle(self, came: Callable[[int], str | None]) -> None:
        """Takes out what a killed receiver left. came: number → hash of the batch in the store, None where none is."""
        place = self.folder / COMING
        if not place.is_file():
            return
        left = _read(place)
        number = int(str(left["batch"]))
        if came(number) != left["hash"]:
            for path in self.sheaves(number):
                path.unlink()
        place.unlink()
        sync_folder(self.folder)

    def put(
        self, gathered: Gathering, label: Label, keep: Callable[[pa.Table], pa.Table] | None = None
    ) -> None:
        """Writes a sheaf, wholly on disk when this returns."""
        gathered.write(self.folder / f"{label.batch:06d}.{label.dataset}.sheaf", label, self.secret, keep)

    def settled(self) -> None:
        """The batch that was on its way is in the store."""
        (self.folder / COMING).unlink(missing_ok=True)

    def sheaves(self, batch: int | None = None, dataset: str | None = None) -> list[Path]:
        """Files of sheaves in batch order."""
        found = []
        for path in sorted(self.folder.glob("*.sheaf")):
            named = SHEAF.fullmatch(path.name)
            if named and batch in (None, int(named[1])) and dataset in (None, named[2]):
                found.append(path)
        return found

    def read(self, batch: int, dataset: str, purpose: str) -> Iterator[pa.Table]:
        """A sheaf's tables, opened for a purpose; none where it was destroyed. The opener keeps the log."""
        for path in self.sheaves(batch, dataset):
            yield from read_sheaf(path, self.secret, purpose)

    def thin(self, path: Path, keep: Callable[[pa.Table], pa.Table], folder: Path) -> int:
        """Takes rows out of a sheaf for good; how many. The key of what is left is a new one."""
        label, _ = label_of(path)
        gathered, before = Gathering(folder / path.name), 0
        for table in read_sheaf(path, self.secret, KEEPING):
            before += table.num_rows
            gathered.add(keep(table))
        if gathered.rows < before:
            self.put(gathered, label)
        return before - gathered.rows


def relock(vault: Vault, key: bytes) -> None:
    """Puts a vault's secret under another key; the old key opens it no more.

    Who has copied the vault and has the old key can still read that copy.
    """
    _write(vault.folder / HEAD, _head(key, vault.secret))


def vault_with(folder: Path, key: bytes, made_key: Path | None = None) -> Vault:
    """The vault in a folder, made there when there is none.

    Errors: TallymarkError when it was locked with another key.
    """
    place = folder / HEAD
    if not place.is_file():
        _make(folder, key)
    head = _read(place)
    if head.get("key") != name_of(key):
        raise TallymarkError(
            "{vault}: the vault was locked with key {wanted}, and this is key {given}. Give the right one: {key_file} "
            "names its file.",
            vault=folder, wanted=head.get("key"), given=name_of(key), key_file=KEY_FILE,
        )  # fmt: skip
    try:
        return Vault(folder, opened(key, base64.b64decode(str(head["secret"])), BOUND), made_key)
    except (InvalidTag, KeyError, ValueError) as error:
        raise TallymarkError("{file}: the vault's file is damaged or was changed.", file=place) from error


def passing_vault(folder: Path) -> Vault:
    """A vault for data that are thrown away: its key is nowhere but in memory."""
    return vault_with(folder, fresh_key())


def open_vault(where: Places) -> Vault:
    """The vault at its places; a new one, with a new key where nobody said where the key is.

    Errors: TallymarkError, saying what to do, when there is no key.
    """
    if where.key is not None:
        return vault_with(where.vault, read_key(where.key, KEY))
    if where.key_file.is_file():
        return vault_with(where.vault, key_in(where.key_file))
    if (where.vault / HEAD).is_file():
        raise TallymarkError(
            "{vault} holds what identifies people, and its key is not at {place}. Set {key_file} to the file with key "
            "{wanted}.",
            vault=where.vault, place=where.key_file, key_file=KEY_FILE, wanted=_read(where.vault / HEAD).get("key"),
        )  # fmt: skip
    if not where.beside:
        raise TallymarkError(
            "{place}: there is no key. `tallymark vault key {place}` makes one; keep it apart from store and vault.",
            place=where.key_file,
        )
    return vault_with(where.vault, make_key(where.key_file, where.words), where.key_file)


def _make(folder: Path, key: bytes) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = folder / f"{HEAD}.{secrets.token_hex(4)}"
    part.write_text(json.dumps(_head(key, fresh_key())), encoding="utf-8")
    try:
        os.link(part, folder / HEAD)  # fails where another process was first
    except FileExistsError:
        return
    finally:
        part.unlink()
    sync_folder(folder)


def _head(key: bytes, secret: bytes) -> dict[str, object]:
    wrapped = base64.b64encode(locked(key, secret, BOUND)).decode("ascii")
    return {"format": FORMAT, "key": name_of(key), "secret": wrapped}


def _read(place: Path) -> Mapping[str, object]:
    try:
        found: Mapping[str, object] = json.loads(place.read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        raise TallymarkError("{file}: the vault's file is damaged or was changed.", file=place) from error
    return found


def _write(place: Path, said: Mapping[str, object]) -> None:
    fresh = place.with_name(f"{place.name}.new")
    with fresh.open("w", encoding="utf-8") as file:
        json.dump(said, file)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(place)
    sync_folder(place.parent)
