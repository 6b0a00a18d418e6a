"""Every page there is, each with its rule: a page cannot be reached without one. The access tests walk this list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tallymark_web import home, views
from tallymark_web.access import OPEN, SIGNED_IN, Route
from tallymark_web.actions import meetings
from tallymark_web.actions import views as actions
from tallymark_web.api import views as tokens
from tallymark_web.appeals import views as appeals
from tallymark_web.audit import views as audit
from tallymark_web.declared import edit_views as changing
from tallymark_web.declared import revision_views as versions
from tallymark_web.declared import views as declared
from tallymark_web.guides import views as guides
from tallymark_web.inbox import views as inbox
from tallymark_web.jobs import views as jobs
from tallymark_web.outlook import views as outlook
from tallymark_web.people import views as people
from tallymark_web.reading import comparing
from tallymark_web.reading import views as reading
from tallymark_web.releases import portal
from tallymark_web.releases import views as releases
from tallymark_web.reminders import views as reminders
from tallymark_web.reporting import entry, registers, review, uploads

BOTH, POST = ("GET", "POST"), ("POST",)
CHANGE = "programme/change/<str:kind>/<str:name>"
SHEET = "reports/<str:dataset>/<str:period>/<str:unit>"


def itself(address: Mapping[str, Any]) -> str:
    """The unit that an address names."""
    return str(address["unit"])


ROUTES = (
    Route("", "home", home.home, SIGNED_IN),
    Route("start", "start", people.start, OPEN, methods=BOTH),
    Route("language", "language", views.choose_language, OPEN, methods=POST),
    Route("healthy", "healthy", views.healthy, OPEN),
    Route("help", "help", guides.guide, SIGNED_IN),
    Route("help/<str:name>", "help-one", guides.guide, SIGNED_IN),
    Route("help/pictures/<str:name>", "help-picture", guides.picture, SIGNED_IN),
    Route("reports", "calendar", entry.calendar, "entry.view"),
    Route("reports/close", "calendar-close", entry.close, "calendar.close", methods=POST),
    Route(SHEET, "calendar-sheet", entry.enter, "entry.view", itself),
    Route(f"{SHEET}/typed", "calendar-typed", entry.typed, "entry.write", itself, POST),
    Route(f"{SHEET}/send", "calendar-send", entry.send, "entry.write", itself, POST),
    Route("reports/review", "calendar-review", review.review, "entry.decide"),
    Route("reports/review/accept", "calendar-accept", review.accept_clean, "entry.decide", methods=POST),
    Route("reports/<int:report>", "calendar-report", review.report, "entry.view"),
    Route("reports/<int:report>/decide", "calendar-decide", review.decide, "entry.decide", methods=POST),
    Route("files", "calendar-uploads", uploads.uploads, "entry.view"),
    Route("files/new", "calendar-hand-in", uploads.hand_in, "upload.write", methods=POST),
    Route("files/form/<str:dataset>", "calendar-form", registers.register, "upload.write", methods=BOTH),
    Route("files/<int:upload>", "calendar-upload", uploads.upload, "entry.view"),
    Route("files/<int:upload>/act", "calendar-upload-act", uploads.act, "entry.view", methods=POST),
    Route("findings", "inbox", inbox.inbox, "findings.view"),
    Route("findings/<slug:key>", "inbox-one", inbox.finding, "findings.view"),
    Route("findings/<slug:key>/act", "inbox-act", inbox.act, "findings.view", methods=POST),
    Route("papers/<int:paper>", "inbox-paper", inbox.paper, "findings.view"),
    Route("scores", "scores", reading.scores, "scores.view"),
    Route("scores/unit/<str:unit>", "scores-unit", reading.unit, "scores.view", itself),
    Route("scores/indicator/<str:indicator>", "scores-indicator", reading.indicator, "scores.view"),
    Route("scores/trends/<str:indicator>", "scores-trends", comparing.trends, "scores.view"),
    Route("scores/compare", "scores-compare", comparing.compare, "scores.view"),
    Route("scores/explain/<str:indicator>/<str:unit>", "scores-explain", reading.explain, "scores.view", itself),
    Route("outlook", "outlook", outlook.outlook, "outlook.view"),
    Route("outlook/<str:unit>", "outlook-unit", outlook.unit, "outlook.view", itself),
    Route("actions", "actions", actions.actions, "actions.view"),
    Route("actions/new", "actions-new", actions.new, "actions.open", methods=BOTH),
    Route("actions/<int:action>", "actions-one", actions.action, "actions.view"),
    Route("actions/<int:action>/act", "actions-act", actions.act, "actions.view", methods=POST),
    Route("proofs/<int:proof>", "actions-proof", actions.proof, "actions.view"),
    Route("meetings", "actions-meetings", meetings.meetings, "actions.view"),
    Route("meetings/new", "actions-meetings-new", meetings.new, "meetings.hold", methods=POST),
    Route("meetings/<int:meeting>", "actions-meeting", meetings.meeting, "actions.view"),
    Route("meetings/<int:meeting>/notes", "actions-meeting-notes", meetings.notes, "meetings.hold", methods=POST),
    Route("appeals", "appeals", appeals.appeals, "scores.view"),
    Route("appeals/<int:appeal>/act", "appeals-act", appeals.act, "appeals.decide", methods=POST),
    Route("scores/unit/<str:unit>/appeal", "appeals-open", appeals.appeal, "appeals.open", itself, POST),
    Route("programme", "programme", declared.declared, "programme.view"),
    Route("programme/contract/<str:contract>", "programme-contract", declared.contract, "programme.view"),
    Route(CHANGE, "programme-edit", changing.edit, "programme.write", methods=BOTH),
    Route(f"{CHANGE}/check", "programme-check", changing.check, "programme.write", methods=POST),
    Route("programme/workbook/<str:contract>", "programme-workbook", changing.workbook, "programme.write", methods=BOTH),
    Route("programme/versions", "programme-versions", versions.versions, "programme.view"),
    Route("programme/versions/<int:revision>", "programme-version", versions.version, "programme.view"),
    Route("programme/versions/<int:revision>/act", "programme-act", versions.act, "programme.view", methods=POST),
    Route("programme/versions/<int:revision>/try", "programme-try", versions.attempt, "runs.make", methods=POST),
    Route("reminders", "reminders", reminders.reminders, SIGNED_IN, methods=BOTH),
    Route("tokens", "tokens", tokens.tokens, SIGNED_IN, methods=BOTH),
    Route("tokens/<int:token>/withdraw", "tokens-withdraw", tokens.withdraw, SIGNED_IN, methods=POST),
    Route("releases", "releases", releases.releases, "releases.view"),
    Route("releases/make", "releases-make", releases.make, "releases.make", methods=POST),
    Route("releases/<int:release>/act", "releases-act", releases.act, "releases.approve", methods=POST),
    Route("complaints", "releases-complaints", releases.complaints, "complaints.view"),
    Route("complaints/<int:complaint>/answer", "releases-answer", releases.answer, "complaints.answer", methods=POST),
    Route("public/", "public", portal.portal, OPEN),
    Route("public/complain", "public-complain", portal.complaint, OPEN, methods=BOTH),
    Route("public/complain/thanks", "public-thanks", portal.thanks, OPEN),
    Route("public/<str:code>/", "public-release", portal.release, OPEN),
    Route("public/<str:code>/site/<path:name>", "public-file", portal.file, OPEN),
    Route("background", "jobs", jobs.jobs, "jobs.view"),
    Route("background/assess", "jobs-assess", jobs.assess, "runs.make", methods=POST),
    Route("background/<int:job>/cancel", "jobs-cancel", jobs.cancel, "runs.make", methods=POST),
    Route("people", "people", people.people, "people.manage"),
    Route("people/new", "people-new", people.new_person, "people.manage", methods=POST),
    Route("people/<int:person>", "people-one", people.person, "people.manage"),
    Route("people/<int:person>/give", "people-give", people.give, "people.manage", methods=POST),
    Route("people/<int:person>/password", "people-password", people.replace_password, "people.manage", methods=POST),
    Route("people/<int:person>/close", "people-close", people.close, "people.manage", methods=POST),
    Route("grants/<int:grant>/withdraw", "people-withdraw", people.withdraw, "people.manage", methods=POST),
    Route("audit", "audit", audit.audit, "audit.view"),
    Route("audit/check", "audit-check", audit.check, "audit.view", methods=POST),
)  # fmt: skip
