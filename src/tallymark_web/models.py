"""Every table of the web app, where Django looks for them."""

from tallymark_web.actions.models import Action, Deed, Meeting, Proof
from tallymark_web.api.models import Token
from tallymark_web.appeals.models import Appeal
from tallymark_web.audit.models import Entry, Head
from tallymark_web.declared.models import Revision
from tallymark_web.inbox.models import Case, Paper, Remark
from tallymark_web.jobs.models import Job
from tallymark_web.people.models import Grant, Person
from tallymark_web.releases.models import Complaint, Release
from tallymark_web.reminders.models import Reminder
from tallymark_web.reporting.models import Closing, Delivery, Report, Step, Upload, Version

__all__ = [
    "Action",
    "Appeal",
    "Case",
    "Closing",
    "Complaint",
    "Deed",
    "Delivery",
    "Entry",
    "Grant",
    "Head",
    "Job",
    "Meeting",
    "Paper",
    "Person",
    "Proof",
    "Release",
    "Remark",
    "Reminder",
    "Report",
    "Revision",
    "Step",
    "Token",
    "Upload",
    "Version",
]
