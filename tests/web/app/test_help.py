"""Everybody finds the guide of their own role inside the app, in both languages, with its pictures."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.web.app.pictures import OUT


def first_line(name: str) -> str:
    return (OUT / "guide" / name).read_text("utf-8").partition("\n")[0].removeprefix("# ")


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("who", ["clerk", "village-clerk", "inspector", "administrator"])
def test_ones_own_guide_first(who: str, language: str, signed_in: Callable[..., Any]) -> None:
    client = signed_in(who)
    client.cookies["django_language"] = language
    page = client.get("/help")
    end = ".zh.md" if language == "zh-hans" else ".md"
    assert page.context["name"] == first_line(f"{who}{end}")
    assert [name for name, _ in page.context["own"]] == [who]
    assert 'href="/help"' in client.get("/").content.decode()


def test_every_guide_is_whole_and_its_pictures_come(signed_in: Callable[..., Any]) -> None:
    from tallymark_web.guides.views import GUIDES

    client = signed_in("leader")
    pictures = set()
    for name in GUIDES:
        for language in ("en", "zh-hans"):
            client.cookies["django_language"] = language
            shown = client.get(f"/help/{name}").context["guide"]
            assert not re.search(r"\*\*|\]\(|`|!\[", shown), (name, language)
            assert "<ol><li>" in shown
            pictures |= set(re.findall(r'<img src="([^"]+)"', shown))
    assert len(pictures) >= len(GUIDES)
    for address in pictures:
        answer = client.get(address)
        assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
        assert b"".join(answer.streaming_content)[:2] == b"\xff\xd8"


@pytest.mark.parametrize(
    "address", ["/help/nobody", "/help/pictures/nothing.jpg", "/help/pictures/..%2F..%2Fweb%2Fsecret-key"]
)
def test_nothing_else_is_served(address: str, signed_in: Callable[..., Any]) -> None:
    assert signed_in("clerk").get(address).status_code == 404


def test_a_guide_brings_no_markup_of_its_own() -> None:
    from tallymark_web.guides.marked import html_of

    shown = html_of(
        '# T\n\n<script>x</script> **<b>** [a](javascript:x) `/reports" onclick=`\n', lambda name: ""
    )
    assert "<script" not in shown
    assert "javascript" not in shown
    assert "<a href" not in shown
    assert (
        html_of("# T\n\n`/reports`", lambda name: "") == '<p><a href="/reports"><code>/reports</code></a></p>'
    )


@pytest.mark.usefixtures("office")
def test_the_guides_are_in_the_package() -> None:
    declared = (Path(__file__).parents[3] / "pyproject.toml").read_text("utf-8")
    from tallymark_web.guides.views import FOLDERS, PACKAGE

    assert f'"docs/web" = "{PACKAGE.name}/{FOLDERS[0].name}"' in declared
