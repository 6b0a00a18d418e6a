"""Word documents as blocks: each paragraph with its number, each row of a table as one block with tabs.

Read with the standard library (a .docx is a zip of XML); see docs/decisions on why no further package is needed.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from xml.etree import ElementTree

from tallymark.errors import TallymarkError
from tallymark.verify.prose.document import Block, Document

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
STRICT = "{http://purl.oclc.org/ooxml/wordprocessingml/main}"
BODY = "word/document.xml"
NOTES = ("word/footnotes.xml", "word/endnotes.xml")
LARGEST = 128 * 1024 * 1024


def docx_document(content: bytes, name: str) -> Document:
    """The document in a Word file; places are numbers of paragraphs, counted as Word counts them."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = [part for part in (BODY, *NOTES) if part in archive.namelist()]
            if BODY not in members:
                raise TallymarkError("{file} is no Word document: it has no {part}", file=name, part=BODY)
            roots = [_root(archive, part, name) for part in members]
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        RuntimeError,
        ElementTree.ParseError,
    ) as error:
        raise TallymarkError(
            "{file} cannot be read as a Word document ({why}); open it in Word and save it again as .docx",
            file=name, why=str(error) or type(error).__name__,
        ) from None  # fmt: skip
    blocks: list[Block] = []
    for root in roots:
        blocks += _blocks(root, len(blocks))
    return Document(name, tuple(block for block in blocks if block.text.strip()))


def _root(archive: zipfile.ZipFile, part: str, name: str) -> ElementTree.Element:
    if archive.getinfo(part).file_size > LARGEST:
        raise TallymarkError("{file} unpacks to more than {most} MB", file=name, most=LARGEST >> 20)
    content = archive.read(part)
    if b"<!DOCTYPE" in content[:4096] or b"<!ENTITY" in content:
        raise TallymarkError("{file} declares entities, which no Word document does", file=name)
    return ElementTree.fromstring(content)


def _tag(element: ElementTree.Element) -> str:
    return element.tag.removeprefix(W).removeprefix(STRICT) if isinstance(element.tag, str) else ""


def _blocks(root: ElementTree.Element, counted: int) -> Iterator[Block]:
    """Paragraphs outside tables, rows of tables, in order."""
    stack = [iter(root)]
    while stack:
        element = next(stack[-1], None)
        if element is None:
            stack.pop()
        elif _tag(element) == "p":
            counted += 1
            yield Block(_text(element), paragraph=counted)
        elif _tag(element) == "tr":
            cells = [_text(cell) for cell in element if _tag(cell) == "tc"]
            counted += max(1, sum(1 for part in element.iter() if _tag(part) == "p"))
            yield Block("\t".join(cells), paragraph=counted)
        else:
            stack.append(iter(element))


def _text(element: ElementTree.Element) -> str:
    """The text that shows: deleted text and field codes are none."""
    parts: list[str] = []
    for part in element.iter():
        tag = _tag(part)
        if tag == "t":
            parts.append(part.text or "")
        elif tag in ("tab", "cr", "br"):
            parts.append(" ")
        elif tag == "noBreakHyphen":
            parts.append("-")
    return "".join(parts)
