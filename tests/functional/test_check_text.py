"""`tallymark check-text` as people use it: every kind of file, places, exit codes, both languages, bad input."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from tests.functional.conftest import Call

WRONG = "长效节育措施落实率72.92%（307/336），比目标65%高7.92个百分点。"
RIGHT = "全年出生571人，及时登记521人，及时登记率91.24%。"
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def docx(path: Path, body: str) -> Path:
    """A Word file with the parts that matter."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(
            "word/document.xml",
            f'<?xml version="1.0"?><w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>',
        )
    return path


def paragraph(text: str) -> str:
    """Text in two runs, as Word cuts it anywhere."""
    half = len(text) // 2
    return (
        "<w:p>" + "".join(f"<w:r><w:t>{part}</w:t></w:r>" for part in (text[:half], text[half:])) + "</w:p>"
    )


def pdf(path: Path, text: str) -> Path:
    """A PDF of two pages in Latin letters, written by hand; the text is on the second."""

    def stream(words: str) -> bytes:
        content = f"BT /F1 12 Tf 72 720 Td ({words}) Tj ET".encode()
        return b"<< /Length %d >> stream\n%s\nendstream" % (len(content), content)

    escaped = text.replace("(", r"\(").replace(")", r"\)")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R 4 0 R] /Count 2 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 5 0 R /Resources << /Font << /F1 7 0 R >> >> >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 6 0 R /Resources << /Font << /F1 7 0 R >> >> >>",
        stream("Annual report"), stream(escaped), b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]  # fmt: skip
    out, places = io.BytesIO(b"%PDF-1.4\n"), []
    out.seek(0, io.SEEK_END)
    for number, each in enumerate(objects, 1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, each))
    start = out.tell()
    out.write(b"xref\n0 8\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places))
    out.write(b"trailer << /Size 8 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % start)
    path.write_bytes(out.getvalue())
    return path


def test_text_with_a_wrong_rate(tmp_path: Path, call: Call) -> None:
    report = tmp_path / "report.txt"
    report.write_text(f"{RIGHT}\n\n{WRONG}\n", encoding="utf-8")
    said = call("check-text", report)
    assert said.code == 1
    assert f"{report}:3: error prose.ratio: “72.92%（307/336）”" in said.out
    assert "307/336 = 91.37 % · 245/336 = 72.92 % · 307/421 = 72.92 %" in said.out
    assert "26.37" in said.out
    assert "Figures: 8; recomputed: 4; findings: 2" in said.out


def test_chinese(tmp_path: Path, call: Call) -> None:
    report = tmp_path / "report.txt"
    report.write_text(WRONG, encoding="gb18030")
    said = call("check-text", report, "--lang", "zh")
    assert said.code == 1
    assert "应为 91.37 %，不是 72.92%" in said.out
    assert "最小改法" in said.out


def test_a_report_without_errors(tmp_path: Path, call: Call) -> None:
    report = tmp_path / "report.md"
    report.write_text(f"# 报告\n\n- {RIGHT}\n", encoding="utf-8")
    said = call("check-text", report, "--all")
    assert said.code == 0
    assert "holds: " in said.out
    assert "521 ÷ 571 = 91.24 %" in said.out


def test_json(tmp_path: Path, call: Call) -> None:
    report = docx(tmp_path / "r.docx", paragraph("一、情况") + paragraph(WRONG))
    said = call("check-text", report, "--json")
    shown = json.loads(said.out)
    assert said.code == 1
    assert [finding["code"] for finding in shown["findings"]] == ["prose.ratio", "prose.follows"]
    assert shown["findings"][0]["where"] == {"file": str(report), "paragraph": 2}
    assert shown["findings"][0]["evidence"]["repairs"][1:] == ["245/336 = 72.92 %", "307/421 = 72.92 %"]
    assert any(not claim["holds"] for claim in shown["recomputed"])


def test_word_tables_and_deleted_text(tmp_path: Path, call: Call) -> None:
    cells = "".join(f"<w:tc>{paragraph(text)}</w:tc>" for text in ("访视", "307/336 = 72.92%"))
    deleted = "<w:p><w:del><w:r><w:delText>307/336 = 72.92%</w:delText></w:r></w:del></w:p>"
    said = call("check-text", docx(tmp_path / "r.docx", f"{deleted}<w:tbl><w:tr>{cells}</w:tr></w:tbl>"))
    assert said.out.count("prose.ratio") == 1
    assert "[¶ 3]" in said.out


def test_html(tmp_path: Path, call: Call) -> None:
    report = tmp_path / "r.html"
    report.write_text(
        f"<html><head><style>a{{width:307/336 = 72.92%}}</style></head>\n<body><p>{RIGHT}</p>\n"
        "<p>Of 336 women, <b>307</b> (72.92&nbsp;%)\nhad one.</p><script>var a='307 of 336 = 72.92 %'</script></body></html>",
        encoding="utf-8",
    )
    said = call("check-text", report)
    assert said.code == 1
    assert said.out.count("prose.ratio") == 1
    assert f"{report}:3: " in said.out


def test_pdf(tmp_path: Path, call: Call) -> None:
    said = call("check-text", pdf(tmp_path / "r.pdf", "The rate was 72.92% (307 of 336)."))
    assert said.code == 1, said.err
    assert "r.pdf[p. 2]:1: error prose.ratio" in said.out


def test_standard_input() -> None:
    code = "import sys; from tallymark.cli import main; main(['check-text', '-'])"
    done = subprocess.run(
        [sys.executable, "-c", code], input=WRONG.encode(), capture_output=True, check=False
    )
    assert done.returncode == 1
    assert "-:1: error prose.ratio" in done.stdout.decode()


BAD = {
    "absent": ("nowhere.txt", None, "there is no"),
    "kind": ("r.odt", b"x", ".odt is not known"),
    "no kind": ("report", b"x", "– is not known"),
    "zeros": ("r.txt", b"\0\1\2", "zero bytes"),
    "no text": ("r.txt", b"\xff\xfe\xff\x80\x80\xff" * 9, ""),
    "no zip": ("r.docx", b"not a zip", "cannot be read as a Word document"),
    "no pdf": ("r.pdf", b"%PDF-1.7 nothing", "cannot be read as PDF"),
    "empty pdf": ("r.pdf", b"", "cannot be read as PDF"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_read_is_told_in_one_line(name: str, tmp_path: Path, call: Call) -> None:
    file, content, words = BAD[name]
    if content is not None:
        (tmp_path / file).write_bytes(content)
    said = call("check-text", tmp_path / file)
    assert "Traceback" not in said.err
    if words:
        assert (said.code, said.out) == (2, ""), said
        assert words in said.err
        assert said.err.count("\n") == 1


def test_hostile_word_files(tmp_path: Path, call: Call) -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa">]>'
    path = tmp_path / "r.docx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("word/document.xml", f'<?xml version="1.0"?>{bomb}<w:document xmlns:w="{W}"/>')
    assert "declares entities" in call("check-text", path).err
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("other.xml", "<a/>")
    assert "has no word/document.xml" in call("check-text", path).err
    docx(path, "<w:p>")
    assert call("check-text", path).code == 2


def test_a_folder_is_no_report(tmp_path: Path, call: Call) -> None:
    (tmp_path / "r.txt").mkdir()
    assert "is a folder" in call("check-text", tmp_path / "r.txt").err
