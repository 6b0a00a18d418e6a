"""Which bytes a text file is made of: its encoding and its delimiter, found by looking."""

from __future__ import annotations

import codecs
import csv
import io
import re
from pathlib import Path

from tallymark.errors import ReceiveError

BLOCK = 8 << 20
SAMPLE = 256 << 10
DELIMITERS = ",;\t|"
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
PAIRED = 0.9
"""Bytes above 0x7F that come in pairs, both above 0xA0: so many are Chinese (GB 18030), fewer are cp1252."""


def encoding_of(path: Path) -> str:
    """The encoding of a text file: UTF-8, UTF-16 or 32 by its mark, GB 18030, or cp1252.

    Errors: ReceiveError for an empty file and for one that is no text.
    """
    with path.open("rb") as file:
        head = file.read(SAMPLE)
    if not head.strip():
        raise ReceiveError("{file}: the file is empty.", file=path.name)
    for mark, encoding in BOMS:
        if head.startswith(mark):
            return _checked(path, encoding)
    if b"\0" in head:
        return _checked(path, _unmarked_utf16(path, head))
    if _decodes(path, "utf-8"):
        return "utf-8"
    if _paired(head) >= PAIRED and _decodes(path, "gb18030"):
        return "gb18030"
    return "cp1252" if _decodes(path, "cp1252") else "latin-1"


def first_records(path: Path, encoding: str, delimiter: str, most: int) -> list[list[str]]:
    """The first records of a text file, as the csv module splits them."""
    text = _sample(path, encoding)
    rows = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            rows.append(row)
            if len(rows) >= most:
                break
    except csv.Error as error:
        if not rows:
            raise ReceiveError(
                "{file}: cannot be read as a table ({reason}).", file=path.name, reason=error
            ) from error
    return rows


def delimiter_of(path: Path, encoding: str, header_row: int) -> str:
    """The delimiter under which the header row has most columns; that of `sep=` in the first line if there is one."""
    text = _sample(path, encoding)
    if match := re.match(r"sep=(.)\r?\n", text, re.IGNORECASE):
        return match[1]

    def columns(delimiter: str) -> tuple[int, int]:
        records = first_records(path, encoding, delimiter, header_row + 20)
        header = records[header_row - 1] if len(records) >= header_row else []
        like = sum(len(row) == len(header) for row in records[header_row:])
        return (len(header) if len(header) > 1 else 0, like)

    return max(DELIMITERS, key=columns)


def _sample(path: Path, encoding: str) -> str:
    with path.open("rb") as file:
        head = file.read(SAMPLE * 4)
    return codecs.getincrementaldecoder(encoding)(errors="replace").decode(head)


def _checked(path: Path, encoding: str) -> str:
    if not _decodes(path, encoding):
        raise ReceiveError(
            "{file}: damaged: it says that it is {encoding}, but does not read as such. Save it again as UTF-8.",
            file=path.name,
            encoding=encoding,
        )
    return encoding


def _unmarked_utf16(path: Path, head: bytes) -> str:
    """UTF-16 without its mark: every other byte is often zero, and what it says is hardly ever a control sign."""
    even, odd = head[::2].count(0), head[1::2].count(0)
    encoding = "utf-16-le" if odd > even else "utf-16-be"
    text = head[: len(head) // 2 * 2].decode(encoding, errors="replace")
    controls = sum(ord(sign) < 32 and sign not in "\t\r\n" for sign in text)
    if min(even, odd) < 0.05 * len(text) and max(even, odd) > 1 and controls < 0.01 * len(text):
        return encoding
    raise ReceiveError(
        "{file}: not a text file. Save it as CSV (UTF-8), or name its true format.", file=path.name
    )


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    with path.open("rb") as file:
        try:
            while block := file.read(BLOCK):
                if "\0" in decoder.decode(block):
                    raise ReceiveError(
                        "{file}: not a text file (it holds zero bytes), or damaged.", file=path.name
                    )
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _paired(head: bytes) -> float:
    """The part of the high bytes that stand in runs of even length, as Chinese characters do."""
    runs = re.findall(rb"[\x80-\xff]+", head)
    total = sum(len(run) for run in runs)
    paired = sum(len(run) for run in runs if len(run) % 2 == 0 and min(run) >= 0xA1)
    return paired / total if total else 0.0
