"""Every page there is, each with its rule: a page cannot be reached without one. The access tests walk this list."""

from __future__ import annotations

from tallymark_web import home, views
from tallymark_web.access import OPEN, SIGNED_IN, Route
from tallymark_web.audit import views as audit
from tallymark_web.people import views as people

BOTH, POST = ("GET", "POST"), ("POST",)

ROUTES = (
    Route("", "home", home.home, SIGNED_IN),
    Route("start", "start", people.start, OPEN, methods=BOTH),
    Route("language", "language", views.choose_language, OPEN, methods=POST),
    Route("healthy", "healthy", views.healthy, OPEN),
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
