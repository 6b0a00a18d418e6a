"""Opens a report: .txt, .md, .html, .docx, .pdf or standard input, as a document with places."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from pathlib import Path

from tallymark.errors import TallymarkError
from tallymark.findings import known_words
from tallymark.verify.prose.document import Document, document_of
from tallymark.verify.prose.docx_file import docx_document
from tallymark.verify.prose.html_file import html_document
from tallymark.verify.prose.pdf_file import pdf_document

LARGEST = 64 * 1024 * 1024
ENCODINGS = ("utf-8", "gb18030")


def read_document(path: Path) -> Document:
    """The document in a file; TallymarkError says why it cannot be read."""
    kind = path.suffix.lower()
    if kind not in KINDS:
        raise TallymarkError(
            "{file} is no report that can be read: {kind} is not known; {known}",
            file=path, kind=kind or "–", known=known_words(kind, KINDS),
        )  # fmt: skip
    if path.is_dir():
        raise TallymarkError("{file} is a folder; name a report in it", file=path)
    if path.stat().st_size > LARGEST:
        raise TallymarkError(
            "{file} is larger than {most} MB; cut it into parts", file=path, most=LARGEST >> 20
        )
    return KINDS[kind](path.read_bytes(), str(path))


def plain_document(content: bytes, name: str) -> Document:
    """Plain text or Markdown in UTF-8, UTF-16 with its mark, or GB 18030."""
    return document_of(decoded(content, name), name)


def decoded(content: bytes, name: str) -> str:
    """The characters of a text file."""
    if b"\0" in content[:4096] and not content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise TallymarkError("{file} is no text: it holds zero bytes", file=name)
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", errors="replace")
    for encoding in ENCODINGS:
        try:
            return content.decode(encoding).removeprefix("\ufeff")
        except UnicodeDecodeError:
            continue
    raise TallymarkError("{file} is neither UTF-8 nor GB 18030 text; save it as UTF-8", file=name)


def _html(content: bytes, name: str) -> Document:
    return html_document(decoded(content, name), name)


KINDS: dict[str, Callable[[bytes, str], Document]] = {
    ".txt": plain_document,
    ".md": plain_document,
    ".html": _html,
    ".htm": _html,
    ".docx": docx_document,
    ".pdf": pdf_document,
}
