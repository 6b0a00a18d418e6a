"""Accepted reports into the store: a file first, then the engine's own receipt; a crash in between is made good."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings
from django.db import transaction

import tallymark as tm
from tallymark.clock import now
from tallymark.sources.readers import DATASET
from tallymark_web.audit.log import record
from tallymark_web.reporting.handed import in_hand
from tallymark_web.reporting.models import Delivery, Upload, Version
from tallymark_web.reporting.state import ACCEPTED
from tallymark_web.workplace import programme, store

FOLDER = "deliveries"
MOST = 5_000
"""Reports in one file."""


def deliver_all(tell: Callable[[str], None]) -> int:
    """How many accepted reports came into the store; those of a delivery that was broken off first."""
    count = _files()
    for delivery in Delivery.objects.filter(batch=None).order_by("pk"):
        count += _receive(delivery)
    while True:
        made = _next_delivery()
        if made is None:
            return count
        tell(made.file)
        count += _receive(made)


def _files() -> int:
    """Accepted files into the store, as they were handed in; the engine knows a file that it has already."""
    waiting = list(Upload.objects.filter(state=ACCEPTED, batch=None).order_by("pk"))
    for upload in waiting:
        with in_hand(upload.sha256, upload.name) as place:
            receipt = tm.receive(programme(), store(), upload.source, place, received_at=upload.at)
        with transaction.atomic():
            upload.batch = receipt.batch
            upload.save(update_fields=["batch"])
            record(
                "tallymark",
                "file received",
                thing=str(upload),
                detail={"batch": receipt.batch, "sha256": receipt.hash},
            )
    return len(waiting)


def _next_delivery() -> Delivery | None:
    """The next accepted versions, written down as a delivery: of one dataset, in hand on one day."""
    with transaction.atomic():
        open_ones = Version.objects.filter(accepted=True, delivery=None).select_related("report")
        groups: dict[tuple[str, dt.date], list[Version]] = defaultdict(list)
        for version in open_ones.order_by("at", "pk")[:MOST]:
            # Two versions of one report go in two deliveries, in their order: the later corrects the earlier.
            key = (version.report.dataset, version.at.date())
            if version.report_id not in {one.report_id for one in groups[key]}:
                groups[key].append(version)
        if not groups:
            return None
        (dataset, _), versions = next(iter(groups.items()))
        delivery: Delivery = Delivery.objects.create(
            dataset=dataset, file="", received_at=max(version.at for version in versions), made_at=now()
        )
        delivery.file = f"web-{dataset}-{delivery.pk:06d}.parquet"
        delivery.save(update_fields=["file"])
        Version.objects.filter(pk__in=[version.pk for version in versions]).update(delivery=delivery)
    return delivery


def _receive(delivery: Delivery) -> int:
    """Receives a delivery; the engine knows a file that it has already, so doing it twice changes nothing."""
    versions = list(delivery.versions.select_related("report").order_by("pk"))
    place = _written(delivery, versions)
    name = f"{DATASET}{delivery.dataset}"
    receipt = tm.receive(programme(), store(), name, place, received_at=delivery.received_at)
    with transaction.atomic():
        delivery.batch = receipt.batch
        delivery.save(update_fields=["batch"])
        record(
            "tallymark",
            "reports delivered",
            thing=delivery.file,
            detail={"batch": receipt.batch, "reports": len(versions), "sha256": receipt.hash},
        )
    return len(versions)


def _written(delivery: Delivery, versions: list[Version]) -> Path:
    """The delivery's file: unit, period, item, value. Its own number inside makes it unlike any other file,
    so that a value that is corrected and then corrected back is not taken for the first file sent again."""
    folder = settings.INSTALLATION.web / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    rows = [
        (version.report.unit, version.report.period, item, value)
        for version in versions
        for item, value in sorted(version.values.items())
        if value != "?"
    ]
    columns = [pa.array(column, pa.string()) for column in (zip(*rows, strict=True) if rows else ((),) * 4)]
    table = pa.table(columns, names=["unit", "period", "item", "value"])
    table = table.replace_schema_metadata({"tallymark.delivery": str(delivery.pk)})
    place: Path = folder / delivery.file
    fresh = place.with_suffix(".new")
    pq.write_table(table, fresh)
    fresh.replace(place)
    return place
