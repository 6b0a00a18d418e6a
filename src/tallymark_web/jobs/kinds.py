"""What can be done in the background. Each may be killed anywhere and done again: the same inputs, the same outcome."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import tallymark as tm
from tallymark.clock import now
from tallymark.texts import Message
from tallymark_web.jobs.models import Job
from tallymark_web.reading.runs import opened
from tallymark_web.reporting.delivering import deliver_all
from tallymark_web.workplace import programme, store

Tell = Callable[[str], None]


def deliver(job: Job, tell: Tell) -> Message:
    """Accepted reports into the store."""
    del job
    count = deliver_all(tell)
    return Message("{n} reports delivered", n=count)


def assess(job: Job, tell: Tell) -> Message:
    """A contract measured, verified and scored."""
    run = tm.assess(
        programme(),
        store(),
        contract=str(job.args["contract"]),
        mode=str(job.args.get("mode", "official")),
        made_at=now(),
        progress=tell,
    )
    opened(run)
    return Message("{run}", run=run.id)


KINDS: Mapping[str, Callable[[Job, Tell], Message]] = {"deliver": deliver, "assess": assess}
