"""A release from the statistician to a visitor without an account, in a real browser, in both languages and widths."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from tests.web.app.served import served
from tests.web.app.test_days import LANGUAGES, MOST_BYTES, WIDTHS, visitor

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def released(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An office whose statistician made a release, and whose leader approved it."""
    with served(tmp_path_factory.mktemp("released")) as address:
        with visitor(browser, address, "statistician") as (_, page):
            page.goto("/releases")
            page.get_by_role("button", name="Make a release").click()
            expect(page.locator("main")).to_contain_text(re.compile(r"services-2025\S*-r1-"), timeout=90_000)
        with visitor(browser, address, "leader", language="zh", width=WIDTHS["phone"]) as (_, page):
            page.goto("/releases")
            expect(page.locator("main")).to_contain_text("被推算出的")
            page.get_by_role("button", name="批准并公布").click()
            expect(page.locator(".state.public")).to_be_visible()
        yield address


def public(browser: Browser, address: str, width: int, language: str) -> Page:
    context = browser.new_context(viewport={"width": width, "height": 900}, base_url=address)
    context.set_default_timeout(15_000)
    context.add_cookies([{"name": "django_language", "value": LANGUAGES[language], "url": address}])
    return context.new_page()


@pytest.mark.parametrize(("language", "width"), [("en", "laptop"), ("zh", "phone")])
def test_a_visitor_reads_downloads_and_complains(
    browser: Browser, released: str, language: str, width: str
) -> None:
    page, wrong = public(browser, released, WIDTHS[width], language), list[str]()
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    english = language == "en"
    for path in ("/public/", None, "/public/complain"):
        if path is None:
            page.goto("/public/")
            page.locator("main h2 a").first.click()
        else:
            page.goto(path)
        assert len(page.content().encode()) < MOST_BYTES
        serious = [
            one for one in Axe().run(page).response["violations"] if one["impact"] in ("serious", "critical")
        ]
        assert not serious, [(one["id"], [node["html"] for node in one["nodes"]][:2]) for one in serious]
        assert page.evaluate("document.documentElement.scrollWidth") <= WIDTHS[width]
    page.goto("/public/")
    page.locator("main h2 a").first.click()
    with page.expect_download() as download:
        page.get_by_role("link", name="measures.csv").click()
    assert download.value.path().read_bytes()[:3] == b"\xef\xbb\xbf"
    page.get_by_role("link", name="What is withheld" if english else "不予公布的内容").click()
    expect(page.locator("h1")).to_contain_text("withheld" if english else "不予公布")
    page.goto("/public/")
    page.get_by_role("link", name="Write a complaint" if english else "写投诉").click()
    page.locator("[name=about]").nth(1).check()
    page.locator("[name=text]").fill("Too much is withheld." if english else "不予公布过多。")
    page.locator("main form button").click()
    expect(page.locator("h1")).to_have_text("Your complaint came" if english else "投诉已收到")
    page.context.close()
    assert not wrong
    with visitor(browser, released, "leader", width=WIDTHS[width], language=language) as (_, page):
        page.goto("/complaints")
        page.locator("textarea").first.fill("It was looked at again." if english else "已重新核查。")
        page.locator("form.decide button").first.click()
        expect(page.locator("p.tag").first).to_contain_text("again" if english else "重新核查")
