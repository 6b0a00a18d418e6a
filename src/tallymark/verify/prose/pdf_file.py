"""PDF reports as blocks with page and line; needs the extra `documents` (pypdf)."""

from __future__ import annotations

import io
import re
import unicodedata

from tallymark.errors import TallymarkError
from tallymark.verify.prose.document import Block, Document, blocks_of

RADICALS = str.maketrans(
    "⺟⺠⻁⻄⻅⻆⻉⻋⻓⻔⻘⻙⻚⻛⻜⻝⻢⻤⻥⻦⻧⻨⻩⻬⻮⻰⻳",
    "母民虎西见角贝车长门青韦页风飞食马鬼鱼鸟卤麦黄齐齿龙龟",
)
"""Of CJK Radicals Supplement, those that stand for whole characters (Unicode's EquivalentUnifiedIdeograph)."""
DRAWN = re.compile("[\u2f00-\u2fdf\ufb00-\ufb06]")
SENTENCE = re.compile("[，。；：、！？]")
APART = re.compile(
    "(?<=[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]) (?=\\S)|(?<=\\S) (?=[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef])"
)


def as_written(page: str) -> str:
    """The characters meant where a printer stored those drawn: 人 for the radical ⼈, ff for ﬀ; no space between Chinese
    and figures in sentences. Lines without Chinese punctuation keep their spaces: rows of tables have them as borders."""
    page = DRAWN.sub(lambda drawn: unicodedata.normalize("NFKC", drawn.group()), page.translate(RADICALS))
    return "\n".join(APART.sub("", line) if SENTENCE.search(line) else line for line in page.split("\n"))


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
        pages = [as_written(page.extract_text()) for page in reader.pages]
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
