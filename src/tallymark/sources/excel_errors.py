"""Cells of a workbook in which a formula failed (#DIV/0!, #REF! …): calamine gives them as empty; they are read here."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping
from html import unescape
from pathlib import Path

SHEET = re.compile(r"<(?:\w+:)?sheet\b[^>]*>")
LINK = re.compile(r"<(?:\w+:)?Relationship\b[^>]*>")
ATTRIBUTE = re.compile(r'([\w:]+)="([^"]*)"')
FAILED = re.compile(
    rb'<c\b(?=[^>]*\bt="e")[^>]*\br="([A-Z]{1,3})(\d{1,7})"[^>]*>'
    rb"(?:<f\b[^>]*/>|<f\b[^>]*>[^<]*</f>)?<v>([^<]{1,40})</v>"
)
BLOCK = 4 << 20
Failed = Mapping[tuple[int, int], str]


def failed_cells(path: Path, sheet: str) -> Failed:
    """(row, column), both from 0 → the error shown there, for a sheet of an xlsx; empty for other kinds of workbook."""
    if not zipfile.is_zipfile(path):
        return {}
    with zipfile.ZipFile(path) as archive:
        part = _part(archive, sheet)
        return dict(_failed(archive, part)) if part else {}


def shows_failed(path: Path) -> bool:
    """Whether failed formulas can be read in this workbook: it is an xlsx (or xlsm), by its content."""
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        return "xl/workbook.xml" in archive.namelist()


def _part(archive: zipfile.ZipFile, sheet: str) -> str | None:
    """Where a sheet's cells lie in the archive."""
    names = set(archive.namelist())
    if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= names:
        return None
    links = {
        said.get("Id"): said.get("Target", "")
        for said in _said(archive.read("xl/_rels/workbook.xml.rels"), LINK)
    }
    for said in _said(archive.read("xl/workbook.xml"), SHEET):
        if said.get("name") == sheet:
            target = links.get(next((said[key] for key in said if key.endswith(":id")), None), "")
            found = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            return found if found in names else None
    return None


def _said(text: bytes, tag: re.Pattern[str]) -> list[dict[str, str]]:
    found = tag.findall(text.decode("utf-8", "replace"))
    return [{key: unescape(value) for key, value in ATTRIBUTE.findall(one)} for one in found]


def _failed(archive: zipfile.ZipFile, part: str) -> Iterator[tuple[tuple[int, int], str]]:
    rest = b""
    with archive.open(part) as file:
        while block := file.read(BLOCK):
            text = rest + block
            end = max(text.rfind(b"<c "), 0)
            if b't="e"' in text:
                yield from map(_cell, FAILED.finditer(text, 0, end))
            rest = text[end:] if len(text) - end < BLOCK else b""
    yield from map(_cell, FAILED.finditer(rest))


def _cell(found: re.Match[bytes]) -> tuple[tuple[int, int], str]:
    column = 0
    for letter in found[1]:
        column = column * 26 + letter - 64
    return (int(found[2]) - 1, column - 1), found[3].decode("utf-8", "replace")
