"""Sends a month's reports from a CSV file (unit, item, value) with a token; nothing but the standard library.

    python send_reports.py https://tallymark.example.org monthly 2025-09 september.csv

The token stands in the environment variable TALLYMARK_TOKEN. Sending the same file again changes nothing.
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
import sys
import urllib.request
from collections import defaultdict
from pathlib import Path


def send(address: str, dataset: str, period: str, file: Path, token: str) -> list[dict[str, object]]:
    """What became of each unit's report."""
    rows: dict[str, dict[str, str]] = defaultdict(dict)
    content = file.read_bytes()
    for line in csv.DictReader(content.decode("utf-8-sig").splitlines()):
        rows[line["unit"]][line["item"]] = line["value"]
    # The key is the file's own: the same file is the same delivery, however often it is sent.
    body = {
        "key": hashlib.sha256(content).hexdigest()[:40],
        "rows": [{"unit": unit, "items": items} for unit, items in rows.items()],
    }
    request = urllib.request.Request(
        f"{address}/api/reports/{dataset}/{period}",
        data=json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        method="POST",
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        taken: list[dict[str, object]] = json.load(answer)
    return taken


if __name__ == "__main__":
    address, dataset, period, name = sys.argv[1:]
    for one in send(address, dataset, period, Path(name), os.environ["TALLYMARK_TOKEN"]):
        print(one["unit"], one["refused"] or f"taken as version {one['version']}")
