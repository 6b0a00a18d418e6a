"""Backup and restore: programme, store, vault (not its key), database, papers, uploads; every file with its hash."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

import tallymark as tm
from tallymark.errors import TallymarkError
from tallymark.store.lock import exclusive
from tallymark.store.partials import FOLDER
from tallymark.store.runs import folder_hashes
from tallymark.vault import places
from tallymark_web.environment import PREFIX, PROGRAMME, STORE, WEB

LIST = "backup.json"
VAULT = "vault"
"""In a backup: the vault, without its key."""
DATABASE, DUMP = "database", "dump.sql"
LEFT_OUT = ("web.sqlite3", "web.sqlite3-wal", "web.sqlite3-shm")
WAIT = 60.0


def back_up(target: Path, *, at: dt.datetime) -> int:
    """How many files were written into `target`, a new or empty folder: whole or not at all.

    The database is copied first, the store after it, under the store's own lock: what the database says is in the
    store is there, too. Errors: TallymarkError when `target` holds something, or the database cannot be copied.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise TallymarkError("{folder} is not empty; a backup needs a new folder", folder=target)
    workplace: Path = settings.INSTALLATION.workplace
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=".backup-", dir=target.parent))
    try:
        _copy_database(fresh / DATABASE)
        with exclusive(workplace / STORE / ".lock", wait=WAIT):
            shutil.copytree(workplace / STORE, fresh / STORE, ignore=_of_the_store(workplace / STORE))
            vault = places(str(workplace / STORE), os.environ).vault
            if vault.is_dir():
                shutil.copytree(vault, fresh / VAULT, ignore=shutil.ignore_patterns("*.new", ".*"))
        shutil.copytree(workplace / PROGRAMME, fresh / PROGRAMME)
        shutil.copytree(
            workplace / WEB, fresh / WEB, ignore=shutil.ignore_patterns(*LEFT_OUT, "*.new", "*.tmp")
        )
        hashes = folder_hashes(fresh)
        said = {"made_at": at.isoformat(), "database": connection.vendor, "files": hashes}
        (fresh / LIST).write_text(json.dumps(said, indent=1, sort_keys=True), encoding="utf-8")
        if target.exists():
            target.rmdir()
        os.chmod(fresh, 0o700)
        fresh.replace(target)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return len(hashes)


def _of_the_store(store: Path) -> Callable[[str, list[str]], set[str]]:
    """What of a store is not copied: half-written things, and partials, which come and go while others count."""
    passing = shutil.ignore_patterns(".lock", ".making-*")

    def left_out(folder: str, names: list[str]) -> set[str]:
        return {*passing(folder, names), *([FOLDER] if Path(folder) == store else [])}

    return left_out


def restore(backup: Path, workplace: Path) -> int:
    """How many files came back into `workplace`, a new or empty folder, each with the hash it had.

    The database comes back, too: SQLite's file, or PostgreSQL's rows into the empty database that the setting names.
    Errors: TallymarkError when the backup is damaged, `workplace` holds something, or the database is none to fill.
    """
    said = _list(backup)
    found = folder_hashes(backup)
    found.pop(LIST, None)
    wrong = sorted(
        name for name in found.keys() | said["files"].keys() if found.get(name) != said["files"].get(name)
    )
    if wrong:
        raise TallymarkError("the backup is damaged: {files}", files=", ".join(wrong[:5]))
    if workplace.exists() and (not workplace.is_dir() or any(workplace.iterdir())):
        raise TallymarkError("{folder} is not empty; restore into a new folder", folder=workplace)
    _check_database(said["database"])
    for name in (PROGRAMME, STORE, WEB):
        shutil.copytree(backup / name, workplace / name)
    if (backup / VAULT).is_dir():
        shutil.copytree(backup / VAULT, places(str(workplace / STORE), {}).vault)
    if said["database"] == "sqlite":
        shutil.copyfile(backup / DATABASE / "web.sqlite3", workplace / WEB / "web.sqlite3")
    else:
        _call(["psql", "--quiet", "--no-psqlrc", "--single-transaction", "--set", "ON_ERROR_STOP=1"], backup)
    tm.open_store(workplace / STORE)
    return len(found)


def _list(backup: Path) -> Mapping[str, Any]:
    try:
        said = json.loads((backup / LIST).read_text(encoding="utf-8"))
        if isinstance(said, dict) and isinstance(said.get("files"), dict):
            return said
    except (OSError, ValueError):
        pass
    raise TallymarkError("{folder} is no backup (no readable {list})", folder=backup, list=LIST)


def _copy_database(folder: Path) -> None:
    folder.mkdir()
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(folder / "web.sqlite3")])
        return
    _call(["pg_dump", "--no-owner", "--no-privileges"], folder.parent)


def _check_database(kind: str) -> None:
    """TallymarkError unless the setting names a database that a backup of this kind can fill."""
    if kind != connection.vendor:
        raise TallymarkError(
            "the backup is of {theirs}, the setting {variable} says {ours}; set it to an empty database of {theirs}",
            theirs=kind,
            ours=connection.vendor,
            variable=PREFIX + "DATABASE",
        )
    if kind == "postgresql" and (tables := connection.introspection.table_names()):
        raise TallymarkError(
            "the database holds tables ({tables}, …); restore into an empty one", tables=", ".join(tables[:3])
        )


def _call(command: list[str], backup: Path) -> None:
    """PostgreSQL's own program on the backup's dump."""
    known = settings.DATABASES["default"]
    environment = os.environ | {"PGPASSWORD": known["PASSWORD"]}
    command = [*command, "--file", str(backup / DATABASE / DUMP), "--dbname", known["NAME"]]
    for key, flag in (("HOST", "--host"), ("PORT", "--port"), ("USER", "--username")):
        command += [flag, known[key]] if known[key] else []
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise TallymarkError(
            "{program} is not on this machine; it comes with PostgreSQL's client", program=command[0]
        ) from None
    if done.returncode:
        raise TallymarkError(
            "the database cannot be copied: {why}", why=done.stderr.strip()[-500:] or command[0]
        )
