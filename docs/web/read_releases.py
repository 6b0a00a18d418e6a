"""Reads the newest release of an office and writes one of its tables as CSV; nothing but the standard library, no token.

python read_releases.py https://tallymark.example.org indicators > indicators.csv
"""

from __future__ import annotations

import json
import sys
import urllib.parse
import urllib.request


def newest(address: str) -> dict[str, object]:
    """The newest release that was not withdrawn."""
    with urllib.request.urlopen(f"{address}/api/releases", timeout=60) as answer:
        releases: list[dict[str, object]] = json.load(answer)
    return next(one for one in releases if one["state"] == "public")


def table(address: str, release: str, name: str) -> str:
    """A table of a release. An empty cell is missing, or withheld where the basis is `suppressed`; never zero."""
    where = f"{address}/api/releases/{urllib.parse.quote(release)}/tables/{urllib.parse.quote(name)}/csv"
    with urllib.request.urlopen(where, timeout=60) as answer:
        return str(answer.read().decode("utf-8-sig"))


if __name__ == "__main__":
    address, name = sys.argv[1:]
    print(table(address, str(newest(address)["release"]), name), end="")
