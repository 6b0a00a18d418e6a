"""Afterwards: is what was acknowledged there, once, as it was sent? `python -m bench.web_check FILE`, with the app's environment.

FILE holds every submission: key, village, period, values, the version that the server said it made (None where no answer came).
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import django


def main(file: Path) -> dict[str, Any]:
    """What is wrong, in numbers; all of them zero when nothing was lost, doubled or mixed up."""
    django.setup()
    from tallymark_web.audit.log import wrong
    from tallymark_web.audit.models import Entry
    from tallymark_web.reporting.models import Delivery, Report, Step, Version

    sent = json.loads(file.read_text(encoding="utf-8"))
    versions = {version.key: version for version in Version.objects.select_related("report", "by")}
    taken = [one for one in sent if one["version"] is not None]
    recorded = Counter(Entry.objects.filter(action="report sent").values_list("thing", flat=True))
    return {
        "acknowledged": len(taken),
        "unanswered": len(sent) - len(taken),
        "versions": len(versions),
        "lost": sum(one["key"] not in versions for one in taken),
        "other values": sum(not _same(versions[one["key"]], one) for one in taken if one["key"] in versions),
        "nobody's": len(versions.keys() - {one["key"] for one in sent}),
        "numbers with gaps": sum(
            [one.number for one in report.versions.all()] != list(range(1, report.version + 1))
            for report in Report.objects.prefetch_related("versions")
        ),
        "without one step": len(versions)
        - Step.objects.filter(act="submit").values("version").distinct().count(),
        "steps too many": Step.objects.filter(act="submit").count() - len(versions),
        "not once in the log": sum(recorded[str(one)] != 1 for one in versions.values()),
        "log": [str(line) for line in wrong()],
        "entries": Entry.objects.count(),
        "not in the store": _not_in_store(versions.values()),
        "undelivered": Delivery.objects.filter(batch=None).count(),
    }


def _same(version: Any, one: dict[str, Any]) -> bool:
    """Whether a version is what was sent, by whom it was sent, under the number that was answered."""
    return (
        version.report.unit == one["village"]
        and version.report.period == one["period"]
        and version.values == one["values"]
        and version.number == one["version"]
        and version.by.username == one["by"]
    )


def _not_in_store(versions: Any) -> int:
    """Reports whose last version was accepted and whose values in the store are others."""
    from tallymark_web.reporting.sheets import texts
    from tallymark_web.reporting.stored import values
    from tallymark_web.workplace import programme, store

    last = {one.report_id: one for one in sorted(versions, key=lambda one: one.number)}
    accepted = [one for one in last.values() if one.accepted]
    dataset = programme().datasets["monthly"]
    there = values(store(), dataset, {one.report.period for one in accepted})
    return sum(
        texts(there.get((one.report.unit, one.report.period), {}), dataset) != one.values for one in accepted
    )


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]))))
