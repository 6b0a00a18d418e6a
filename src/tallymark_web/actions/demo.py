"""Examples in a demo: corrective tasks in every state and a meeting that was held, by the acts that people use."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial

from django.db import transaction
from django.utils import translation

from tallymark_web.actions.acts import act_on, call_meeting, due_after, escalate, open_action, write_down
from tallymark_web.actions.meetings import worst_gaps
from tallymark_web.actions.models import Action, Meeting
from tallymark_web.actions.origins import Origin, origin, reading
from tallymark_web.actions.state import CONFIRM, FINDING, GAP, MEETING, REPORT
from tallymark_web.inbox.acts import File
from tallymark_web.inbox.found import listed
from tallymark_web.people.models import Person
from tallymark_web.reading.runs import Reading
from tallymark_web.workplace import Tree, calendar_today, programme, tree

MARK = "Example · 示例："
GAPS = 3
FORGOTTEN = dt.timedelta(days=35)
"""How long ago the task was given that is overdue by now."""
TITLE = f"{MARK}monthly meeting · 月度例会"
AGENDA = "Who stands last on the same line again, and how to help · 同一项目连续落后的单位，如何帮扶"
NOTES = "The reviewer checks what is reported done. · 已报完成的整改由审核员核实。"
REGISTER = (
    "Go through the register with its keeper and enter what is missing · 与登记人员核对登记簿，补录遗漏"
)
SHOW = "Show the towns how a register is gone through · 向各乡镇演示如何核对登记簿"
LOOK = "Look at the paper and write what it says · 查看原始表并据实更正"
MENDED = "The register was gone through row by row; two visits had not been entered. · 已逐行核对登记簿，补录两次随访。"
SEEN = "Seen in the register. · 已查看登记簿。"
PAPER = "Demo data: a sheet that proves nothing. · 演示数据，不作为任何证明。\n"


def make_demo_actions(*, at: dt.datetime) -> None:
    """A meeting and a few actions; nothing when there is one already, or nothing was assessed yet."""
    known = reading()
    if known is None or Action.objects.exists() or Meeting.objects.exists():
        return
    today = calendar_today()
    units = tree(today)
    people = {one.username: one for one in Person.objects.prefetch_related("grants")}
    clerk, leader = people["clerk"], people["leader"]
    town, top = clerk.granted()[0].unit, leader.granted()[0].unit
    with transaction.atomic():
        held = _meeting(leader, top, today, at)
        give = partial(_given, by=leader, at=at)
        _from_gaps(known, units.below([town]), people, give)
        _from_a_finding(known, units, people, give)
        decided = Origin(MEETING, "", TITLE)
        give(top, decided, SHOW, owner=people["inspector"], due=due_after(today, "15"), meeting=held)
        escalate(units, at=at)


def _meeting(leader: Person, top: str, today: dt.date, at: dt.datetime) -> Meeting:
    """The leader's meeting on the month before."""
    calendar = programme().calendar
    month = calendar.back(calendar.containing(today, "month"))
    made = call_meeting(
        Meeting(unit=top, period=month.code, held_on=today, title=TITLE, agenda=AGENDA, by=leader, at=at)
    )
    return write_down(made, agenda=AGENDA, notes=NOTES, by=leader)


def _from_gaps(
    known: Reading, below: frozenset[str], people: dict[str, Person], give: Callable[..., Action]
) -> None:
    """Where the clerk's units lose most: one task in time, one overdue, one done and checked."""
    clerk, reviewer, today = people["clerk"], people["reviewer"], calendar_today()
    due = (due_after(today, "8"), due_after(today - FORGOTTEN, "10"), due_after(today, "3"))
    made = [
        give(
            gap["unit"],
            _in_both(GAP, gap["line"], gap["unit"]),
            REGISTER,
            owner=clerk,
            due=day,
        )
        for gap, day in zip(worst_gaps(known, below)[:GAPS], due, strict=False)
    ]
    for action in made[2:]:
        paper = File("demo.txt", PAPER.encode(), calendar_today())
        act_on(action.pk, REPORT, MENDED, by=clerk, at=action.at, file=paper)
        act_on(action.pk, CONFIRM, SEEN, by=reviewer, at=action.at)


def _from_a_finding(
    known: Reading, units: Tree, people: dict[str, Person], give: Callable[..., Action]
) -> None:
    """What was found first in the village's data, or in the town's: reported done, not checked yet."""
    for username in ("village-clerk", "clerk"):
        clerk = people[username]
        for found in listed(known, units.below([clerk.granted()[0].unit]), everywhere=False)[:1]:
            unit, due = found.found.unit, due_after(calendar_today(), "5")
            action = give(unit, _in_both(FINDING, found.key, unit), LOOK, owner=clerk, due=due)
            act_on(action.pk, REPORT, MENDED, by=clerk, at=action.at)
            return


def _given(
    unit: str,
    come: Origin,
    text: str,
    *,
    owner: Person,
    due: dt.date,
    by: Person,
    at: dt.datetime,
    meeting: Meeting | None = None,
) -> Action:
    return open_action(
        Action(
            unit=unit,
            text=f"{MARK}{text}",
            source=come.source,
            ref=come.ref[:200],
            said_of=come.said_of,
            meeting=meeting,
            owner=owner,
            due=due,
            by=by,
            at=at,
        )
    )


def _in_both(source: str, ref: str, unit: str) -> Origin:
    """An origin whose words are in both languages: nobody has chosen one yet."""
    found = []
    for language in ("en", "zh-hans"):
        with translation.override(language):
            found.append(origin(source, ref, unit))
    return Origin(source, found[0].ref, " · ".join(one.said_of for one in found)[:300])
