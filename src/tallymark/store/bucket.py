"""A bucket of S3-compatible storage, below one address: read, written once, listed; and what is said when that fails.

Keys and addresses come from the environment (`AWS_*`) or from `options`; they stand in no file, message or log.
"""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from tallymark.errors import StoreError

SCHEME = re.compile(r"(s3|s3a)://([^/]+)/?(.*)", re.DOTALL)
REACHED, ANSWERED = "5s", "120s"
"""How long a connection may take to be made, and a request to be answered."""
TRIES, TRYING = 3, 30
"""How often a request is tried again, and for how many seconds in all."""
WORDS = (
    ("NoSuchBucket", "{store}: there is no bucket “{bucket}”. Make it, or check the address."),
    (
        "RequestTimeTooSkewed",
        "{store}: the storage refuses what this machine says, as the clocks differ too much. Set this machine's clock.",
    ),
    (
        "InvalidAccessKeyId|SignatureDoesNotMatch|InvalidClientTokenId|AccessDenied|InvalidToken|ExpiredToken"
        "|403 Forbidden|401 Unauthorized",
        "{store}: the storage refuses the keys ({reason}). Check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and what "
        "they may do in this bucket.",
    ),
    (
        "PermanentRedirect|AuthorizationHeaderMalformed|IllegalLocationConstraint|bare redirect",
        "{store}: the bucket lies in another region. Say which in AWS_REGION.",
    ),
    (
        "instance metadata|169\\.254\\.|[Cc]redential",
        "{store}: there are no keys. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
    ),
    (
        "NotImplemented|501 ",
        "{store}: the storage cannot write only where nothing is yet (If-None-Match), which a store needs.",
    ),
    (
        "error sending request|Connect|timed out|dns error|HTTP error",
        "{store}: the storage cannot be reached. Check the network and AWS_ENDPOINT_URL.",
    ),
)  # fmt: skip
"""What stands in errors of the storage → what is said, the first that fits."""
CODE = re.compile(r"<Code>(\w+)</Code>")
Got = TypeVar("Got")


@dataclass(frozen=True, slots=True)
class Entry:
    """An object of a bucket: its name below the address, what names its content, size in bytes."""

    name: str
    tag: str
    size: int


@dataclass(frozen=True, slots=True)
class Bucket:
    """All objects below an address `s3://bucket/prefix`."""

    root: str
    settings: tuple[tuple[str, str], ...] = field(repr=False)
    """Names and values for delta-rs; secret ones among them."""

    def get(self, name: str) -> bytes | None:
        """The content of an object; None when there is none."""
        return self._tried(lambda client: bytes(_client_library().get(client, name).bytes()))

    def fetch(self, name: str, target: Path) -> bool:
        """Writes an object into a file, block by block; False when there is none."""

        def copied(client: Any) -> bool:
            blocks = _client_library().get(client, name).stream(min_chunk_size=8 << 20)
            with target.open("wb") as out:
                for block in blocks:
                    out.write(block)
            return True

        return bool(self._tried(copied))

    def put(self, name: str, content: bytes | Path) -> str:
        """Writes an object, whatever was there; what names its content."""
        made = self._tried(lambda client: _client_library().put(client, name, content), must=True)
        return str(made["e_tag"]) if made else ""

    def create(self, name: str, content: bytes) -> bool:
        """Writes an object only where there is none; whether it did. Of several at once, one does."""
        from obstore.exceptions import AlreadyExistsError

        def created(client: Any) -> bool:
            try:
                _client_library().put(client, name, content, mode="create")
            except AlreadyExistsError:
                return False
            return True

        return bool(self._tried(created, must=True))

    def entries(self, below: str, *, after: str | None = None) -> list[Entry]:
        """The objects whose names begin with the folder `below`, by name; only those past the name `after`."""

        def listed(client: Any) -> list[Entry]:
            found = _client_library().list(client, prefix=below, offset=after)
            return [
                Entry(one["path"], str(one["e_tag"] or ""), one["size"]) for part in found for one in part
            ]

        return sorted(self._tried(listed, must=True) or [], key=lambda entry: entry.name)

    def folders(self, below: str) -> list[str]:
        """The names of the folders right in a folder."""
        listed = self._tried(
            lambda client: _client_library().list_with_delimiter(client, prefix=below), must=True
        )
        return sorted(path.rstrip("/").rsplit("/", 1)[-1] for path in (listed or {})["common_prefixes"])

    def delete(self, names: Iterable[str]) -> None:
        """Takes objects away."""
        gone = list(names)
        if gone:
            self._tried(lambda client: _client_library().delete(client, gone))

    def _tried(self, act: Callable[[Any], Got], *, must: bool = False) -> Got | None:
        """What an act on the storage gives; None where an object is not there (an error when it `must` be)."""
        from obstore.exceptions import BaseError

        try:
            return act(_client(self.root, self.settings))
        except FileNotFoundError as error:
            if must or "NoSuchBucket" in str(error):
                raise said(self.root, error) from error
            return None
        except (BaseError, PermissionError) as error:
            raise said(self.root, error) from error


def bucket_of(address: str, options: Mapping[str, str]) -> Bucket | None:
    """The bucket of an address; None for a path.

    Errors: StoreError for other kinds of addresses, and where what talks to the storage is not installed.
    """
    if "://" not in address:
        return None
    if not SCHEME.fullmatch(address):
        raise StoreError("{store}: a store lies in a folder or at s3://bucket/path.", store=address)
    _client_library()
    said_so = {name.lower(): value for name, value in os.environ.items() if name.startswith("AWS_") and value}
    said_so |= {name.lower(): value for name, value in options.items()}
    settings = {name: value for name, value in said_so.items() if name in KNOWN}
    if settings.get("aws_endpoint_url", "").startswith("http://"):
        settings["aws_allow_http"] = "true"
    settings |= {"conditional_put": "etag", "max_retries": str(TRIES), "retry_timeout": f"{TRYING}s"}
    settings |= {"connect_timeout": REACHED, "timeout": ANSWERED}
    return Bucket(address.rstrip("/"), tuple(sorted(settings.items())))


KNOWN = (
    "aws_access_key_id", "aws_secret_access_key", "aws_session_token", "aws_region", "aws_default_region",
    "aws_endpoint_url", "aws_allow_http", "aws_virtual_hosted_style_request", "aws_container_credentials_relative_uri",
    "aws_web_identity_token_file", "aws_role_arn", "aws_role_session_name", "aws_server_side_encryption",
    "aws_sse_kms_key_id", "aws_skip_signature",
)  # fmt: skip
"""Settings that reach the storage."""


def said(root: str, error: BaseException) -> StoreError:
    """What is said of an error of the storage: one line, without keys."""
    text = str(error)
    found = SCHEME.fullmatch(root)
    code = CODE.search(text)
    for words, template in WORDS:
        if match := re.search(words, text):
            reason = code[1] if code else match[0]
            return StoreError(template, store=root, bucket=found[2] if found else "", reason=reason)
    reason = code[1] if code else text.strip().splitlines()[0] if text.strip() else type(error).__name__
    return StoreError("{store}: the store cannot be read or written ({reason}).", store=root, reason=reason)


def _client_library() -> Any:
    try:
        # A dependency of object stores alone: the extra `objects`.
        import obstore
    except ImportError as error:
        raise StoreError(
            "a store on S3-compatible storage needs obstore; install it with: pip install 'tallymark[objects]'"
        ) from error
    return obstore


@lru_cache(maxsize=8)
def _client(root: str, settings: tuple[tuple[str, str], ...]) -> Any:
    """What talks to the storage; one for an address, so that connections are used again."""
    from obstore.store import S3Store

    found = SCHEME.fullmatch(root)
    assert found is not None  # `bucket_of` saw to it
    given = dict(settings)
    http = {"connect_timeout": REACHED, "timeout": ANSWERED}
    if given.get("aws_allow_http") == "true":
        http["allow_http"] = "true"
    mine = {
        name: value for name, value in given.items() if name.startswith("aws_") and name != "aws_allow_http"
    }
    return S3Store(
        found[2],
        prefix=found[3].strip("/") or None,
        config=mine,
        client_options=http,
        retry_config={"max_retries": TRIES, "retry_timeout": dt.timedelta(seconds=TRYING)},
    )
