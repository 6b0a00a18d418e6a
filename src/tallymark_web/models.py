"""Every table of the web app, where Django looks for them."""

from tallymark_web.audit.models import Entry, Head
from tallymark_web.people.models import Grant, Person

__all__ = ["Entry", "Grant", "Head", "Person"]
