"""Every table of the web app, where Django looks for them."""

from tallymark_web.audit.models import Entry, Head
from tallymark_web.jobs.models import Job
from tallymark_web.people.models import Grant, Person
from tallymark_web.reporting.models import Closing, Delivery, Report, Step, Version

__all__ = ["Closing", "Delivery", "Entry", "Grant", "Head", "Job", "Person", "Report", "Step", "Version"]
