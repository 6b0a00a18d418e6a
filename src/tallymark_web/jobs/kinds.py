"""What can be done in the background. Each may be killed anywhere and done again: the same inputs, the same outcome."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import tallymark as tm
from tallymark.clock import now
from tallymark.store.runs import Run
from tallymark.texts import Message
from tallymark_web.declared.acts import rules_kept
from tallymark_web.declared.running import try_run
from tallymark_web.declared.trying import kept_figures, periods_of
from tallymark_web.inbox.replying import deliver_replies
from tallymark_web.jobs.models import Job
from tallymark_web.reading.runs import opened
from tallymark_web.releases.proposing import propose_release
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
    # The rules stay as they are meanwhile: the run keeps a copy of the files that it was made by.
    with rules_kept(wait=60):
        deliver_replies()
        run = tm.assess(
            programme(),
            store(),
            contract=str(job.args["contract"]),
            mode=str(job.args.get("mode", "official")),
            made_at=now(),
            progress=tell,
        )
    warm(run)
    return Message("{run}", run=run.id)


def attempt(job: Job, tell: Tell) -> Message:
    """A proposed change of the programme, tried."""
    return try_run(int(job.args["revision"]), tell)


def release(job: Job, tell: Tell) -> Message:
    """A run's release, made and attacked, for a second person to approve."""
    tell("attacking")
    made = propose_release(str(job.args["run"]), by=job.by, at=now())
    return Message("{release}", release=made.code)


def warm(run: Run) -> None:
    """What pages need of a run is written down, so that the first reader does not wait."""
    opened(run)
    known = programme()
    contract = str(run.manifest["contract"])
    if contract in known.contracts:
        for period in periods_of(known, contract):
            kept_figures(run, period)


KINDS: Mapping[str, Callable[[Job, Tell], Message]] = {
    "deliver": deliver,
    "assess": assess,
    "try": attempt,
    "release": release,
}
