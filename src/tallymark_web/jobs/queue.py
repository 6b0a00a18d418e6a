"""The queue: asking for work, taking it, and taking it back from a worker that died."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from tallymark_web.audit.log import record
from tallymark_web.jobs.models import CANCELLED, QUEUED, RUNNING, Job
from tallymark_web.people.models import Person

SILENT = dt.timedelta(seconds=30)
"""A worker that was not seen for so long is taken for dead."""
MOST_ATTEMPTS = 5


def ask(kind: str, args: Mapping[str, Any] | None = None, *, by: Person, at: dt.datetime) -> Job:
    """The job, queued; one of the same kind and arguments that waits already will do."""
    with transaction.atomic():
        waiting = [job for job in Job.objects.filter(kind=kind, state=QUEUED) if job.args == dict(args or {})]
        if waiting:
            return waiting[0]
        job: Job = Job.objects.create(kind=kind, args=dict(args or {}), by=by, asked_at=at)
        if kind != "deliver":
            record(by.username, "work asked for", thing=str(job), detail=dict(args or {}))
    return job


def take(at: dt.datetime) -> Job | None:
    """The oldest job that waits, now running; None when there is none. No two workers take the same."""
    with transaction.atomic():
        _take_back(at)
        job: Job | None = Job.objects.filter(state=QUEUED).order_by("pk").first()
        if job is None:
            return None
        taken = Job.objects.filter(pk=job.pk, state=QUEUED).update(
            state=RUNNING, attempt=job.attempt + 1, began_at=at, beat_at=at, said=""
        )
        job.refresh_from_db()
    return job if taken else None


def _take_back(at: dt.datetime) -> None:
    """Work of a worker that died waits again; what was to be cancelled is."""
    silent = Job.objects.filter(state=RUNNING, beat_at__lt=at - SILENT)
    silent.filter(cancel=True).update(state=CANCELLED, ended_at=at)
    silent.filter(cancel=False, attempt__gte=MOST_ATTEMPTS).update(
        state="failed", ended_at=at, said="its worker died several times"
    )
    silent.filter(cancel=False).update(state=QUEUED)


def tell(job: Job, said: str, at: dt.datetime) -> None:
    """What the job is doing, and that it lives."""
    Job.objects.filter(pk=job.pk, state=RUNNING, attempt=job.attempt).update(said=said[:300], beat_at=at)


def end(job: Job, state: str, said: str, at: dt.datetime) -> bool:
    """Ends a job, unless another worker has taken it over meanwhile."""
    ended = Job.objects.filter(pk=job.pk, state=RUNNING, attempt=job.attempt)
    return bool(ended.update(state=state, said=said[:300], ended_at=at, beat_at=at))


def cancel(job: Job, *, by: Person, at: dt.datetime) -> None:
    """Cancels a job: at once when it waits, soon when it runs."""
    with transaction.atomic():
        Job.objects.filter(pk=job.pk, state=QUEUED).update(state=CANCELLED, ended_at=at)
        Job.objects.filter(pk=job.pk, state=RUNNING).update(cancel=True)
        record(by.username, "work cancelled", thing=str(job))
