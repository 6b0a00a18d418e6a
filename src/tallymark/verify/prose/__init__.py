"""Arithmetic in prose: text → sentences → figures → claims → findings. Pure; files are read by `reading`."""

from __future__ import annotations

from tallymark.verify.prose.checking import Checked, check_text
from tallymark.verify.prose.document import Block, Document, document_of

__all__ = ["Block", "Checked", "Document", "check_text", "document_of"]
