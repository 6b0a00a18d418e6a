"""Who opened the vault, for whom, what for and why: a file that is only added to, each entry sealing those before it."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tallymark.errors import TallymarkError
from tallymark.store.lock import exclusive

START = "0" * 64
WAIT = 60.0


class Log:
    """The log of a vault. An entry's seal is a HMAC-SHA256 of what it says and of the seal before it."""

    def __init__(self, path: Path, key: bytes) -> None:
        self.path, self._key = path, key

    def add(self, said: Mapping[str, Any]) -> str:
        """Adds an entry, which is on disk when this returns; its seal."""
        with exclusive(self.path.with_name(".log.lock"), wait=WAIT):
            before = self._last()
            entry = {"number": before["number"] + 1, **said, "before": before["seal"]}
            entry["seal"] = self._seal(entry)
            with self.path.open("ab") as file:
                file.write(json.dumps(entry, ensure_ascii=False).encode() + b"\n")
                file.flush()
                os.fsync(file.fileno())
        return str(entry["seal"])

    def entries(self) -> list[dict[str, Any]]:
        """Every entry, oldest first.

        Errors: TallymarkError where an entry was changed, left out or put in, naming the first.
        """
        if not self.path.is_file():
            return []
        found: list[dict[str, Any]] = []
        before = START
        for number, line in enumerate(self.path.read_bytes().splitlines(), 1):
            entry = self._read(line, number)
            if entry.get("before") != before or entry.get("number") != number:
                raise self._broken(number)
            found.append(entry)
            before = entry["seal"]
        return found

    def _last(self) -> dict[str, Any]:
        found = self.entries()
        return found[-1] if found else {"number": 0, "seal": START}

    def _read(self, line: bytes, number: int) -> dict[str, Any]:
        try:
            entry: dict[str, Any] = json.loads(line)
            sound = hmac.compare_digest(str(entry.get("seal")), self._seal(entry))
        except (ValueError, AttributeError) as error:
            raise self._broken(number) from error
        if not sound:
            raise self._broken(number)
        return entry

    def _seal(self, entry: Mapping[str, Any]) -> str:
        said = {name: value for name, value in entry.items() if name != "seal"}
        text = json.dumps(said, ensure_ascii=False, sort_keys=True)
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()

    def _broken(self, number: int) -> TallymarkError:
        return TallymarkError(
            "{file}: entry {number} is not what was written, or entries before it are missing. Nothing is opened until "
            "this is looked into.",
            file=self.path, number=number,
        )  # fmt: skip
