"""The little of Markdown that guides are written in, as HTML.

Headings, paragraphs, numbered lists, pictures, bold, code, links.

Everything is escaped first, so that a guide can bring no markup of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import escape

from django.utils.safestring import SafeString, mark_safe

Placed = Callable[[str], str]
"""Where a picture is, or a page that a guide links to; empty when it is not here."""
NUMBERED = re.compile(r"\d+\. ")
PICTURE = re.compile(r"!\[([^\]]*)\]\(([^)]+)\)")
LINK = re.compile(r"\[([^\]]*)\]\(([^)]+)\)")
BOLD = re.compile(r"\*\*(.+?)\*\*")
CODE = re.compile(r"`([^`]+)`")
PAGE = re.compile(r"/[a-z/-]*")
"""An address of the app: it becomes a link."""


def html_of(text: str, picture: Placed) -> SafeString:
    """The guide below its title; `picture` gives the address of a picture by the name that the guide has for it."""
    return mark_safe("\n".join(_blocks(text, picture)))


def title_of(text: str) -> str:
    """What the guide is called."""
    return text.partition("\n")[0].removeprefix("# ").strip()


def _blocks(text: str, picture: Placed) -> Iterator[str]:
    for block in re.split(r"\n\s*\n", text.partition("\n")[2].strip()):
        if block.startswith("#"):
            yield f"<h2>{_words(block.lstrip('# '))}</h2>"
        elif found := PICTURE.fullmatch(block.strip()):
            address = picture(found[2])
            if address:
                yield f'<figure><img src="{escape(address)}" alt="{escape(found[1])}" loading="lazy"></figure>'
        elif NUMBERED.match(block):
            items = re.split(r"\n(?=\d+\. )", block)
            yield (
                "<ol>"
                + "".join(f"<li>{_words(NUMBERED.sub('', item, count=1))}</li>" for item in items)
                + "</ol>"
            )
        else:
            yield f"<p>{_words(block)}</p>"


def _words(text: str) -> str:
    """Words on one line; Chinese needs no space where a line was broken. Addresses of pages become links."""
    line = re.sub(
        r"(?<=[\u3000-\u9fff\uff00-\uffef])\n\s*(?=[\u3000-\u9fff\uff00-\uffef*])", "", text.strip()
    )
    said = escape(re.sub(r"\s+", " ", line))
    said = LINK.sub(lambda found: found[1], said)
    said = BOLD.sub(lambda found: f"<b>{found[1]}</b>", said)
    return CODE.sub(_code, said)


def _code(found: re.Match[str]) -> str:
    said = found[1]
    return f'<a href="{said}"><code>{said}</code></a>' if PAGE.fullmatch(said) else f"<code>{said}</code>"
