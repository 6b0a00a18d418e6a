"""What commands on a vault have in common: which vault, who asks, and why."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

import click

from tallymark.clock import now
from tallymark.errors import TallymarkError
from tallymark.opening import Access
from tallymark.store import Store
from tallymark.vault import Places, Vault, open_vault, places
from tallymark.vault.vault import HEAD

by = click.option("--by", "who", default="", help="Who opens it: a name that colleagues know.")
because = click.option("--because", "reason", default="", help="Why, in a few words.")


def asked(command: Callable[..., Any]) -> Callable[..., Any]:
    """A command that needs to be told who asks and why."""
    return by(because(command))


def access(purpose: str, who: str, reason: str) -> Access:
    """Who opens the vault, what for, why, and when: now."""
    return Access(purpose, who, reason, now())


def vault_places(store: Store) -> Places:
    """Where a store's vault is, which is there already.

    Errors: TallymarkError when nothing was put into one yet.
    """
    found = places(store.root, os.environ)
    if not (found.vault / HEAD).is_file():
        raise TallymarkError(
            "{vault}: there is no vault; `tallymark receive` makes one for datasets with personal columns",
            vault=found.vault,
        )
    return found


def vault_of(store: Store) -> Vault:
    """The open vault of a store."""
    return open_vault(vault_places(store))


def key_values(given: Sequence[str]) -> dict[str, str]:
    """`--key column=value` as a mapping.

    Errors: TallymarkError for one without a column.
    """
    found: dict[str, str] = {}
    for each in given:
        name, equal, value = each.partition("=")
        if not name or not equal:
            raise TallymarkError("--key is COLUMN=VALUE, not '{given}'", given=each)
        found[name] = value
    return found
