"""Where a store's vault stands and where its key is: as the environment says, else beside the store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tallymark.errors import TallymarkError

VAULT, KEY_FILE, KEY = "TALLYMARK_VAULT", "TALLYMARK_VAULT_KEY_FILE", "TALLYMARK_VAULT_KEY"
"""Environment: the vault's folder; the file with its key; or the key itself."""

WORDS = "Key of a Tallymark vault. Whoever has it and the vault can read what identifies people."


@dataclass(frozen=True, slots=True)
class Places:
    """A vault's folder, and what opens it."""

    vault: Path
    key_file: Path
    key: str | None = None
    """The key itself, where the environment holds it."""
    beside: bool = False
    """Whether nobody said where the key is, so that one is made beside the store when the vault is new."""
    words: str = WORDS
    """What a key file that is made on the spot says of itself."""


def places(store: str, environment: Mapping[str, str]) -> Places:
    """The places of a store's vault.

    Errors: TallymarkError for a store that is no folder, where the environment does not say.
    """
    said = {name: environment.get(name, "").strip() for name in (VAULT, KEY_FILE, KEY)}
    if "://" in store and not (said[VAULT] and (said[KEY_FILE] or said[KEY])):
        raise TallymarkError(
            "{store}: the vault of a store that is no folder has no place of its own. Set {vault} to a folder, and "
            "{key_file} to a file outside both.",
            store=store, vault=VAULT, key_file=KEY_FILE,
        )  # fmt: skip
    root = Path(store)
    return Places(
        Path(said[VAULT]) if said[VAULT] else root.with_name(f"{root.name}.vault"),
        Path(said[KEY_FILE]) if said[KEY_FILE] else root.with_name(f"{root.name}.key"),
        said[KEY] or None,
        beside=not (said[KEY_FILE] or said[KEY]),
    )
