"""PDF reports as blocks with page and line; needs the extra `documents` (pypdf)."""

from __future__ import annotations

import io

from tallymark.errors import TallymarkError
from tallymark.verify.prose.document import Block, Document, blocks_of


def pdf_document(content: bytes, name: str) -> Document:
    """The document in a PDF; a scan without text is refused, not taken for a report without figures."""
    try:
        from pypdf import PdfReader  # an extra: most reports are not PDF
        from pypdf.errors import PyPdfError
    except ImportError:
        raise TallymarkError(
            "{file}: reading PDF needs pypdf; install tallymark[documents], or save the report as .docx or .txt", file=name
        ) from None  # fmt: skip
    try:
        reader = PdfReader(io.BytesIO(content))
        if reader.is_encrypted and not reader.decrypt(""):
            raise TallymarkError("{file} is locked with a password; save an open copy", file=name)
        pages = [page.extract_text() for page in reader.pages]
    except (
        PyPdfError,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        IndexError,
        RecursionError,
        OSError,
        NotImplementedError,
    ) as error:
        raise TallymarkError("{file} cannot be read as PDF ({why})", file=name, why=str(error) or type(error).__name__) from None  # fmt: skip
    if not any(page.strip() for page in pages):
        raise TallymarkError(
            "{file} holds no text, only pictures of pages; read the scan into text first", file=name
        )
    blocks: list[Block] = []
    for number, page in enumerate(pages, 1):
        blocks += blocks_of(page.splitlines(), page=number)
    return Document(name, tuple(blocks))
