"""HTML as blocks: a paragraph, heading, list item or cell each; scripts and styles are no text."""

from __future__ import annotations

from html.parser import HTMLParser

from tallymark.verify.prose.document import Block, Document

BLOCKS = frozenset(
    [
        "p",
        "div",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "li",
        "ul",
        "ol",
        "table",
        "tr",
        "section",
        "article",
        "header",
        "footer",
        "main",
        "nav",
        "aside",
        "blockquote",
        "pre",
        "br",
        "hr",
        "dt",
        "dd",
        "caption",
        "figcaption",
        "title",
        "body",
        "form",
    ]
)
CELLS = frozenset(("td", "th"))
SILENT = frozenset(("script", "style", "noscript", "template", "svg", "head"))


class _Reader(HTMLParser):
    """Collects text until a block begins or ends."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[Block] = []
        self._text: list[str] = []
        self._line: int | None = None
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in SILENT:
            self._silent += 1
        elif tag in CELLS:
            self._text.append("\t" if self._text else "")
        elif tag in BLOCKS:
            self.end()

    def handle_endtag(self, tag: str) -> None:
        if tag in SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag in BLOCKS:
            self.end()

    def handle_data(self, data: str) -> None:
        if self._silent:
            return
        if data.strip() and self._line is None:
            self._line = self.getpos()[0] + data[: len(data) - len(data.lstrip())].count("\n")
        self._text.append(" ".join(data.split(" ")).replace("\n", " ").replace("\r", " "))

    def end(self) -> None:
        """Closes the block that is being read."""
        text = "".join(self._text)
        if text.strip():
            self.blocks.append(Block(text, line=self._line))
        self._text, self._line = [], None


def html_document(text: str, name: str) -> Document:
    """The document in an HTML page; places are lines of the file."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    reader.end()
    return Document(name, tuple(reader.blocks))
