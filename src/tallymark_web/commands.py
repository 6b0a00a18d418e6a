"""The commands of `python -m tallymark_web`."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

from tallymark.clock import now
from tallymark.errors import TallymarkError
from tallymark.texts import Message, told
from tallymark_web.actions.acts import escalate
from tallymark_web.actions.demo import make_demo_actions
from tallymark_web.audit.log import wrong
from tallymark_web.declared.acts import put_into_force
from tallymark_web.jobs.kinds import warm
from tallymark_web.jobs.worker import Worker, run_job
from tallymark_web.keeping import back_up, restore
from tallymark_web.people.cast import Places
from tallymark_web.people.demo import make_demo_accounts
from tallymark_web.releases.demo import show_published
from tallymark_web.reminders.sending import remind_all
from tallymark_web.serving import serve
from tallymark_web.workplace import calendar_today, newest_run, tree


def setup(asked: argparse.Namespace) -> int:
    """Makes the database ready; in a demo its accounts, too."""
    call_command("migrate", interactive=False, verbosity=0)
    if asked.demo:
        if not settings.INSTALLATION.demo:
            raise TallymarkError(
                "{folder} was not made by `tallymark demo`; demo accounts are offered nowhere else",
                folder=settings.INSTALLATION.workplace,
            )
        make_demo_accounts(_places(), at=timezone.now())
        show_published(at=timezone.now())
    put_into_force()  # what was approved when the machine went down
    run = newest_run()
    if run is not None:
        warm(run)
    if asked.demo:
        make_demo_actions(at=timezone.now())
    return 0


def start(asked: argparse.Namespace) -> int:
    """Makes the database ready and serves."""
    setup(asked)
    return serve(
        host=asked.host, port=asked.port, processes=asked.workers, browser=asked.open, lang=asked.lang
    )


def audit_check(asked: argparse.Namespace) -> int:
    """Says whether the audit log is whole."""
    found = wrong()
    for line in found:
        print(told(line, asked.lang))
    print(
        told(Message("the audit log is broken") if found else Message("the audit log is whole"), asked.lang)
    )
    return 1 if found else 0


def backup(asked: argparse.Namespace) -> int:
    """Writes a backup."""
    count = back_up(Path(asked.folder), at=now())
    print(told(Message("{n} files in {folder}", n=count, folder=asked.folder), asked.lang))
    return 0


def put_back(asked: argparse.Namespace) -> int:
    """Fills a new workplace from a backup."""
    count = restore(Path(asked.folder), Path(asked.workplace))
    print(told(Message("{n} files in {folder}", n=count, folder=asked.workplace), asked.lang))
    return 0


def remind(asked: argparse.Namespace) -> int:
    """Sends overdue actions up, then writes to everybody what is due; the same things not twice."""
    today = calendar_today()
    up = escalate(tree(today), at=now())
    sent = remind_all(today=today, at=now())
    print(told(Message("{sent} reminders sent, {up} actions sent up", sent=sent, up=up), asked.lang))
    return 0


def worker(asked: argparse.Namespace) -> int:
    """Works in the background until stopped."""
    del asked
    Worker().run()
    return 0


def one_job(asked: argparse.Namespace) -> int:
    """Does one piece of work."""
    return run_job(asked.job, asked.attempt, asked.lang)


def _places() -> Places:
    units = tree(timezone.localdate())
    top = next(unit for unit, above in units.parent.items() if above is None)
    below = units.children.get(top, (top,))[0]
    return (
        Places(top, below, units.children[below][0]) if below in units.children else Places(top, top, below)
    )


COMMANDS: Mapping[str, Callable[[argparse.Namespace], int]] = {
    "serve": start,
    "setup": setup,
    "audit-check": audit_check,
    "backup": backup,
    "restore": put_back,
    "remind": remind,
    "worker": worker,
    "run-job": one_job,
}
