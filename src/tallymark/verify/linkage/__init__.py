"""Records of the same births, vaccinations or care held by several offices: linked without a trusted identifier."""

from __future__ import annotations

from tallymark.programme.linkages import Field, Linkage, RecordList
from tallymark.verify.linkage.link import Linked, link

__all__ = ["Field", "Linkage", "Linked", "RecordList", "link"]
