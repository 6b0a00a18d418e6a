"""The vault: what identifies people, encrypted and apart from the store, opened for declared purposes only.

Names are looked up when first used: whoever only asks where a vault stands does not wait for encryption and store.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from tallymark.vault.places import Places, places

if TYPE_CHECKING:
    from tallymark.vault.vault import Vault, open_vault, passing_vault, vault_with

_LATER = ("Vault", "open_vault", "passing_vault", "vault_with")

__all__ = ["Places", "Vault", "open_vault", "passing_vault", "places", "vault_with"]


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.vault"), name)
