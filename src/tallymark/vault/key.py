"""Keys: 256 bits in a file or a variable, never in the store; others are derived from them, each for one use."""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tallymark.errors import TallymarkError

LENGTH, NONCE = 32, 12


def derived(secret: bytes, use: str) -> bytes:
    """The key for one use (RFC 5869, HKDF-SHA256); keys of different uses say nothing of each other."""
    return HKDF(SHA256(), LENGTH, salt=None, info=f"tallymark {use}".encode()).derive(secret)


def name_of(key: bytes) -> str:
    """A name by which a key can be told from others without knowing it."""
    return hashlib.sha256(derived(key, "name")).hexdigest()[:12]


def locked(key: bytes, content: bytes, beside: bytes) -> bytes:
    """Content under AES-256-GCM: nonce, then ciphertext. `beside` has to be the same when it is opened."""
    nonce = os.urandom(NONCE)
    return nonce + AESGCM(key).encrypt(nonce, content, beside)


def opened(key: bytes, content: bytes, beside: bytes) -> bytes:
    """What was locked.

    Errors: cryptography's InvalidTag when anything was changed, or the key is another.
    """
    return AESGCM(key).decrypt(content[:NONCE], content[NONCE:], beside)


def fresh_key() -> bytes:
    """A new key from the system's source of randomness."""
    return secrets.token_bytes(LENGTH)


def written_key(key: bytes) -> str:
    """A key as text."""
    return base64.urlsafe_b64encode(key).decode("ascii")


def read_key(text: str, place: object) -> bytes:
    """The key in a file's or variable's text; lines that start with # are words about it.

    Errors: TallymarkError when it is none.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    try:
        key = base64.urlsafe_b64decode(lines[0]) if len(lines) == 1 else b""
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != LENGTH:
        raise TallymarkError(
            "{place}: no key of a vault, which is one line of 44 letters and digits. "
            "`tallymark vault key FILE` makes one.",
            place=place,
        )
    return key


def key_in(file: Path) -> bytes:
    """The key in a file.

    Errors: TallymarkError when the file is not there or holds none.
    """
    try:
        return read_key(file.read_text(encoding="utf-8"), file)
    except (OSError, UnicodeDecodeError) as error:
        raise TallymarkError(
            "{place}: the key cannot be read ({reason}).", place=file, reason=error
        ) from error


def make_key(file: Path, words: str) -> bytes:
    """A new key written to a new file that its owner alone can read; the key in the file where there is one already."""
    key = fresh_key()
    text = f"# {words}\n# {name_of(key)}\n{written_key(key)}\n"
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    try:
        os.link(part, file)  # fails where another process was first, so that there is one key
    except FileExistsError:
        return key_in(file)
    finally:
        part.unlink()
    return key


__all__ = [
    "InvalidTag", "derived", "fresh_key", "key_in", "locked", "make_key", "name_of", "opened", "read_key", "written_key",
]  # fmt: skip
