"""A site as tests read it: pages parsed with the standard library, links followed as a browser would."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

VOID = {"meta", "link", "br", "img", "input", "hr", "col"}


@dataclass
class Page:
    """What a page holds: ids, links (href, classes, text), loads (src or stylesheet), headings, text."""

    ids: set[str] = field(default_factory=set)
    doubled: set[str] = field(default_factory=set)
    links: list[tuple[str, str, str]] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)
    headings: list[tuple[int, str]] = field(default_factory=list)
    tags: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    text: str = ""


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.page = Page()
        self.link: list[str] | None = None
        self.heading: int = 0
        self.said: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.page.tags.append((tag, values))
        if "id" in values:
            (self.page.doubled if values["id"] in self.page.ids else self.page.ids).add(values["id"])
        if tag == "a" and "href" in values:
            self.link = [values["href"], values.get("class", ""), ""]
        if "src" in values:
            self.page.loads.append(values["src"])
        if tag == "link" and "href" in values:
            self.page.loads.append(values["href"])
        if len(tag) == 2 and tag[0] == "h" and tag[1].isdigit():
            self.heading = int(tag[1])
            self.page.headings.append((self.heading, ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self.link is not None:
            self.page.links.append((self.link[0], self.link[1], self.link[2]))
            self.link = None
        if self.heading and tag == f"h{self.heading}":
            self.heading = 0

    def handle_data(self, data: str) -> None:
        self.said.append(data)
        if self.link is not None:
            self.link[2] += data
        if self.heading:
            level, text = self.page.headings[-1]
            self.page.headings[-1] = (level, text + data)


def read_page(path: Path) -> Page:
    reader = _Reader()
    reader.feed(path.read_text(encoding="utf-8"))
    reader.page.text = "".join(reader.said)
    return reader.page


def pages_of(site: Path) -> dict[Path, Page]:
    return {path: read_page(path) for path in sorted(site.rglob("*.html"))}


def targets_of(path: Path, page: Page) -> Iterator[tuple[str, Path, str]]:
    """(href, the file it leads to, the id in it) of every link of a page."""
    for href, _, _ in page.links:
        parts = urlsplit(href)
        file = (path.parent / unquote(parts.path)).resolve() if parts.path else path.resolve()
        yield href, file, unquote(parts.fragment)
