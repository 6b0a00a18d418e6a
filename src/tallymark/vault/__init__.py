"""The vault: what identifies people, encrypted and apart from the store, opened for declared purposes only."""

from tallymark.vault.places import Places, places
from tallymark.vault.vault import Vault, open_vault, passing_vault, vault_with

__all__ = ["Places", "Vault", "open_vault", "passing_vault", "places", "vault_with"]
