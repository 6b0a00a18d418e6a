"""The later sets of reports as Word, web and PDF files with real tables: the same findings as of their text."""

from __future__ import annotations

import html
import io
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from functools import cache
from itertools import groupby
from pathlib import Path

import pytest
import yaml
from bench.prose import HOME, LAST, LATER, words_of

from tallymark.findings import Finding, Severity
from tallymark.verify.prose import check_text
from tallymark.verify.prose.docx_file import docx_document
from tallymark.verify.prose.html_file import html_document
from tallymark.verify.prose.pdf_file import as_written, pdf_document

CHROMIUM = shutil.which("chromium")
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


@cache
def reports() -> dict[str, str]:
    return {
        report["name"]: report["text"]
        for file in (*LATER, *LAST)
        for report in yaml.safe_load((HOME / file).read_text(encoding="utf-8"))
    }


def wrong(findings: tuple[Finding, ...]) -> list[tuple[str, str]]:
    """What is told: code, message, arithmetic and repairs, without places, and spaces as a page wraps them."""
    told = [each for each in findings if each.severity != Severity.NOTE]
    return sorted((each.code, "".join(words_of(each).split())) for each in told)


def parts(text: str) -> list[list[str]]:
    """Lines of paragraphs, each alone, and of tables (tabs), together."""
    lines = [line for line in text.splitlines() if line.strip()]
    found: list[list[str]] = []
    for table, group in groupby(lines, key=lambda line: "\t" in line):
        members = list(group)
        found += [members] if table else [[line] for line in members]
    return found


def as_html(text: str) -> str:
    body = ""
    for lines in parts(html.escape(text)):
        if "\t" in lines[0]:
            rows = ("".join(f"<td>{cell}</td>" for cell in line.split("\t")) for line in lines)
            body += "<table>" + "\n".join(f"<tr>{row}</tr>" for row in rows) + "</table>\n"
        else:
            body += f"<p>{lines[0]}</p>\n"
    return body


def as_docx(text: str) -> bytes:
    def paragraph(words: str) -> str:
        half = len(words) // 2  # Word cuts runs anywhere
        runs = (f'<w:r><w:t xml:space="preserve">{run}</w:t></w:r>' for run in (words[:half], words[half:]))
        return f"<w:p>{''.join(runs)}</w:p>"

    body = ""
    for lines in parts(text):
        lines = [html.escape(line, quote=False) if "&" in line or "<" in line else line for line in lines]
        if "\t" in lines[0]:
            cells = (
                "".join(f"<w:tc>{paragraph(cell)}</w:tc>" for cell in line.split("\t")) for line in lines
            )
            body += "<w:tbl>" + "".join(f"<w:tr>{row}</w:tr>" for row in cells) + "</w:tbl>"
        else:
            body += paragraph(lines[0])
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(
            "word/document.xml", f'<w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>'
        )
    return file.getvalue()


FORMS: dict[str, Callable[[str], tuple[Finding, ...]]] = {
    "docx": lambda text: check_text(docx_document(as_docx(text), "r.docx")).findings,
    "html": lambda text: check_text(html_document(as_html(text), "r.html")).findings,
}


@pytest.mark.parametrize("form", FORMS)
def test_files_tell_what_the_text_tells(form: str) -> None:
    assert len(reports()) > 80
    differ = {
        name: (wrong(FORMS[form](text)), wrong(check_text(text).findings))
        for name, text in reports().items()
        if wrong(FORMS[form](text)) != wrong(check_text(text).findings)
    }
    assert differ == {}


LESS = {"zh5-template", "en5-staff", "zh5-hospital"}
"""Told less of when printed: spaces that stand for a blank are lost, and prose runs on into the table below it."""


@pytest.mark.skipif(CHROMIUM is None, reason="needs chromium to print")
def test_printed_pages_tell_what_the_text_tells(tmp_path: Path) -> None:
    """All reports printed in one go, a page each: lines are wrapped as they come, tables lose their tabs, and
    Chromium stores ⼈ (a radical) for 人 and ligatures for ff."""
    pypdf = pytest.importorskip("pypdf")
    pages = "".join(
        f'<section style="break-after: page">{as_html(text)}</section>' for text in reports().values()
    )
    page, printed = tmp_path / "r.html", tmp_path / "r.pdf"
    page.write_text(f'<meta charset="utf-8"><body>{pages}</body>', encoding="utf-8")
    assert CHROMIUM is not None
    subprocess.run(
        [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer",
         f"--user-data-dir={tmp_path / 'profile'}", f"--print-to-pdf={printed}", page.as_uri()],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    reader = pypdf.PdfReader(printed)
    assert len(reader.pages) == len(reports())
    differ = {}
    for one, (name, text) in zip(reader.pages, reports().items(), strict=True):
        writer, alone = pypdf.PdfWriter(), io.BytesIO()
        writer.add_page(one)
        writer.write(alone)
        told = wrong(check_text(pdf_document(alone.getvalue(), "r.pdf")).findings)
        if told != wrong(check_text(text).findings):
            differ[name] = (told, wrong(check_text(text).findings), one.extract_text())
    assert set(differ) <= LESS, differ


def test_what_a_printer_drew_is_read_as_written() -> None:
    drawn = "\u2f00孩、\u2f06孩占 85.0% ，增\u2ed3 3.0 %\u3002"
    assert as_written(drawn) == "一孩、二孩占85.0%，增长3.0 %。"
    assert as_written("The sta\ufb00 of 12 o\ufb03ces") == "The staff of 12 offices"
    assert as_written("南庄村 412 380") == "南庄村 412 380"  # a row keeps the borders of its cells
