"""The worker: takes jobs one after the other, each in a process of its own, which can be ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from types import FrameType

from django.conf import settings
from django.db import close_old_connections

from tallymark.clock import now
from tallymark.errors import TallymarkError
from tallymark.texts import told
from tallymark_web.jobs.kinds import KINDS
from tallymark_web.jobs.models import CANCELLED, DONE, FAILED, RUNNING, Job
from tallymark_web.jobs.queue import end, take, tell

LOOK, BEAT = 0.5, 5.0
"""Seconds between looks at the queue, and between signs of life."""


class Worker:
    """Works until it is told to stop; a job that is running then waits again."""

    def __init__(self) -> None:
        self.going = True
        self.child: subprocess.Popen[bytes] | None = None

    def stop(self, number: int, frame: FrameType | None) -> None:
        """Ends the work: a signal's handler."""
        del number, frame
        self.going = False

    def run(self) -> None:
        """Takes jobs until stopped."""
        signal.signal(signal.SIGTERM, self.stop)
        signal.signal(signal.SIGINT, self.stop)
        while self.going:
            close_old_connections()
            job = take(now())
            if job is None:
                time.sleep(LOOK)
            else:
                self._work(job)

    def _work(self, job: Job) -> None:
        command = [sys.executable, "-m", "tallymark_web", "run-job", str(settings.INSTALLATION.workplace)]
        self.child = subprocess.Popen([*command, str(job.pk), str(job.attempt)], env=os.environ.copy())
        beat = time.monotonic()
        while self.child.poll() is None:
            time.sleep(LOOK / 5)
            if time.monotonic() - beat > BEAT:
                beat = time.monotonic()
                Job.objects.filter(pk=job.pk, state=RUNNING, attempt=job.attempt).update(beat_at=now())
            if not self.going or Job.objects.filter(pk=job.pk, cancel=True).exists():
                self.child.terminate()
                self.child.wait(timeout=30)
        job.refresh_from_db()
        if job.cancel:
            end(job, CANCELLED, "", now())
        elif not self.going:
            Job.objects.filter(pk=job.pk, state=RUNNING, attempt=job.attempt).update(state="queued")
        elif self.child.returncode != 0:
            end(job, FAILED, "it broke; the service's log says how", now())


def run_job(number: int, attempt: int, language: str) -> int:
    """Does one job in this process and says how it ended."""
    job = Job.objects.get(pk=number)
    if job.state != RUNNING or job.attempt != attempt:
        return 0
    try:
        said = KINDS[job.kind](job, lambda words: tell(job, words, now()))
        end(job, DONE, told(said, language), now())
    except TallymarkError as error:
        end(job, FAILED, told(error, language), now())
    return 0
