"""Each role's day in a real browser, in both languages, on a phone and a laptop; nothing serious for axe to find."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect
from tests.web.app.conftest import PASSWORD
from tests.web.app.served import served

pytestmark = pytest.mark.browser
WIDTHS = {"laptop": 1280, "phone": 390}
LANGUAGES = {"en": "en", "zh": "zh-hans"}
MOST_BYTES = 200_000
AT_BOTH = pytest.mark.parametrize(("size", "language"), [("phone", "en"), ("laptop", "zh")])
"""A day in both languages and at both widths, each once."""
OTHER = {"phone": "laptop", "laptop": "phone"}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(tmp_path_factory.mktemp("served")) as found:
        yield found


@contextmanager
def visitor(
    browser: Browser, address: str, who: str, *, width: int = 1280, language: str = "en"
) -> Iterator[tuple[BrowserContext, Page]]:
    """Somebody signed in, whose page may not err; what the network refuses while a test is offline does not count."""
    context = browser.new_context(viewport={"width": width, "height": 900}, base_url=address)
    context.set_default_timeout(15_000)
    context.add_cookies([{"name": "django_language", "value": LANGUAGES[language], "url": address}])
    page, wrong = context.new_page(), list[str]()
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on(
        "console",
        lambda said: (
            wrong.append(said.text) if said.type == "error" and "ERR_INTERNET" not in said.text else None
        ),
    )
    page.on(
        "request", lambda asked: None if asked.url.startswith((address, "data:")) else wrong.append(asked.url)
    )
    page.goto("/account/login/")
    page.fill("[name=login]", who)
    page.fill("[name=password]", PASSWORD)
    page.locator("main button.primary").click()
    page.wait_for_url(re.compile(r"/$"))
    yield context, page
    context.close()
    assert not wrong


def test_sign_in_page_is_accessible(browser: Browser, address: str) -> None:
    page = browser.new_page(base_url=address)
    page.goto("/account/login/")
    assert [
        one["id"]
        for one in Axe().run(page).response["violations"]
        if one["impact"] in ("serious", "critical")
    ] == []
    page.close()


def fill(page: Page, unit: str, values: list[str]) -> None:
    cells = page.locator(f"[data-unit={unit}] input[data-item]")
    cells.first.focus()
    for value in values:
        page.keyboard.type(value)
        page.keyboard.press(
            "Enter" if cells.count() == 4 and page.locator("[data-unit]").count() == 1 else "Tab"
        )


@AT_BOTH
def test_a_clerk_types_with_the_keyboard_and_a_reviewer_accepts(
    browser: Browser, address: str, language: str, size: str
) -> None:
    unit = {"en": "C3", "zh": "C4"}[language]
    with visitor(browser, address, "clerk", language=language, width=WIDTHS[size]) as (_, page):
        page.goto(f"/reports/monthly/2025-09/{unit}")
        for cell in page.locator("input[data-item]").all():
            cell.fill("")
        fill(page, unit, ["7", "0", "1", "2"])
        expect(page.locator("#said li")).to_have_count(1)  # more closed than received
        assert page.evaluate("document.activeElement.value") == "2"
        page.keyboard.press("Escape")
        fill(page, unit, ["7", "0", "2"])
        page.keyboard.type("?")
        expect(page.locator("input[data-item=complaints_closed]")).to_have_attribute("data-state", "unknown")
        expect(page.locator("#said li")).to_have_count(0)
        page.locator("#send").click()
        expect(page.locator("#status")).to_have_class("good")
        page.reload()
        expect(page.locator("[data-unit]")).to_have_attribute("data-standing", "submitted")
    with visitor(browser, address, "reviewer", language=language, width=WIDTHS[OTHER[size]]) as (_, page):
        page.goto("/reports/review")
        page.locator("tbody a").first.click()
        page.locator("button[value=accept]").click()
        page.wait_for_url(re.compile("/reports/review$"))


def test_a_block_from_excel_is_pasted_and_last_month_stands_beside(browser: Browser, address: str) -> None:
    with visitor(browser, address, "clerk") as (_, page):
        page.goto("/reports/monthly/2025-09/D")
        first = page.locator("[data-unit=C1] input").first
        first.focus()
        expect(page.locator("#beside")).not_to_be_empty()
        paste = """text => { const data = new DataTransfer(); data.setData("text/plain", text);
            document.activeElement.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true })); }"""
        page.evaluate(paste, "11\t0\t3\t2\r\n12\t1\t2\tx\r\n")
        values = page.locator("[data-unit=C1] input, [data-unit=C2] input").evaluate_all(
            "cells => cells.map(cell => cell.value)"
        )
        assert values == ["11", "0", "3", "2", "12", "1", "2", "x"]
        expect(page.locator("[data-unit=C2] input[aria-invalid=true]")).to_have_count(1)
        expect(page.locator("#said li")).to_have_count(1)


def test_a_lost_connection_loses_nothing_and_doubles_nothing(browser: Browser, address: str) -> None:
    with visitor(browser, address, "village-clerk", language="zh", width=390) as (context, page):
        page.goto("/reports/monthly/2025-09/C1")
        expect(page.locator("#send")).to_be_visible()
        context.set_offline(True)
        for cell, value in zip(page.locator("input[data-item]").all(), ["21", "0", "4", "4"], strict=True):
            cell.fill(value)
        page.locator("#send").click()
        expect(page.locator("#status")).to_have_class("warn")
        # The tab is closed while there is no connection …
        page.close()
        context.set_offline(False)
        page = context.new_page()
        page.goto("/reports/monthly/2025-09/C1")
        # … and what waited is sent when the sheet is opened again.
        expect(page.locator("[data-unit]")).to_have_attribute("data-standing", "submitted")
        page.reload()
        assert page.locator("input[data-item]").evaluate_all("cells => cells.map(cell => cell.value)") == [
            "21",
            "0",
            "4",
            "4",
        ]
        assert (
            page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('tallymark/queue')).length")
            == 0
        )
        page.goto("/reports")
        link = page.locator("a", has_text="2025-09").first
        link.click()
        expect(page.locator("[data-unit]")).to_have_attribute("data-standing", "submitted")


@AT_BOTH
def test_a_leader_reads_and_a_figure_explains_itself_in_place(
    browser: Browser, address: str, language: str, size: str
) -> None:
    with visitor(browser, address, "leader", language=language, width=WIDTHS[size]) as (_, page):
        page.goto("/scores")
        figure = page.locator("table.heat td a[data-explain]").first
        figure.click()
        expect(page.locator("dialog")).to_be_visible()
        expect(page.locator("#explanation .sum").first).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.locator("dialog")).to_be_hidden()
        assert figure.evaluate("link => link === document.activeElement")
        page.locator("table.heat tbody th a").first.click()
        page.locator("details.line summary").first.click()
        expect(page.locator("details[open] .how").first).to_be_visible()


@AT_BOTH
def test_a_statistician_rehearses(browser: Browser, address: str, language: str, size: str) -> None:
    with visitor(browser, address, "statistician", language=language, width=WIDTHS[size]) as (_, page):
        page.goto("/background")
        with page.expect_navigation():
            page.locator("button.primary").click()
        expect(page.locator("#jobs .state").first).to_have_class("state done", timeout=60_000)
        page.goto("/scores")
        page.locator("#run").select_option(index=0)
        page.locator("form.filter button").click()
        expect(page.locator(".banner:not(.demo)")).to_contain_text(
            {"en": "REHEARSAL", "zh": "模拟考核"}[language]
        )


@AT_BOTH
def test_an_inspector_answers_a_finding(browser: Browser, address: str, language: str, size: str) -> None:
    with visitor(browser, address, "inspector", language=language, width=WIDTHS[size]) as (_, page):
        page.goto("/findings?state=open")
        page.locator("tbody a").first.click()
        page.fill("#text", "Counted again on the spot.")
        page.set_input_files(
            "#paper", {"name": "sheet.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 counted"}
        )
        page.fill("#dated", "2025-01-01")
        page.locator("button[value=explain]").click()
        expect(page.locator(".thread .paper")).to_contain_text("sheet.pdf")


@pytest.mark.parametrize(("size", "language"), [("phone", "en"), ("laptop", "zh")])
def test_an_administrator_makes_an_account_and_an_auditor_sees_it(
    browser: Browser, address: str, language: str, size: str
) -> None:
    name = f"li-na-{language}"
    with visitor(browser, address, "administrator", language=language, width=WIDTHS[size]) as (_, page):
        page.goto("/people")
        page.fill("#id_username", name)
        page.fill("#id_name", "Li Na")
        page.locator("main button.primary").click()
        expect(page.locator("code.once")).to_be_visible()
        page.select_option("#id_role", "clerk")
        page.select_option("#id_unit", "C2")
        page.locator("button", has_text={"en": "Give the role", "zh": "授予"}[language]).last.click()
        expect(page.locator("table")).to_contain_text({"en": "Old Bridge", "zh": "老桥"}[language])
    with visitor(browser, address, "auditor", language=language, width=WIDTHS[OTHER[size]]) as (_, page):
        page.goto("/audit?action=account")
        expect(page.locator("tbody")).to_contain_text(name)
        page.locator("button.primary").click()
        expect(page.locator(".alert.good")).to_be_visible()


@pytest.mark.parametrize("name", ["clerk", "leader"])
def test_language_changes_in_place(browser: Browser, address: str, name: str) -> None:
    with visitor(browser, address, name) as (_, page):
        page.goto("/findings?state=open")
        page.get_by_role("button", name="中文").click()
        page.wait_for_url(re.compile(r"/findings\?state=open$"))
        expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")


@pytest.mark.parametrize(("language", "size"), [("en", "laptop"), ("zh", "phone")])
def test_a_contract_is_changed_by_two_people_and_the_gate_speaks_while_one_types(
    browser: Browser, address: str, language: str, size: str
) -> None:
    line = "contracts/services-2025/sections/0/lines"
    points = {"en": ("30", "30"), "zh": ("35", "25")}[language]
    with visitor(browser, address, "statistician", language=language, width=WIDTHS[size]) as (_, page):
        page.goto("/programme/change/contracts/services-2025")
        page.evaluate(
            "document.querySelectorAll('details.part').forEach((part, at) => { part.open = at < 2 })"
        )
        page.fill(f"[name='{line}/0/points']", points[0])
        expect(page.locator("#preview .alert:not(.good, .mild)")).to_be_visible()  # points no longer add up
        page.fill(f"[name='{line}/1/points']", points[1])
        expect(page.locator("#preview .trial")).to_be_visible()
        before = page.input_value(f"[name='{line}/0/title/zh']")
        page.fill(f"[name='{line}/0/title/zh']", "政策符合率")
        expect(page.locator("#preview .alert.gate").first).to_be_visible()
        page.fill(f"[name='{line}/0/title/zh']", before)
        expect(page.locator("#preview .alert.gate")).to_have_count(0)
        page.fill("[name='reason.why']", "The council decided so")
        page.fill("[name='reason.en']", "Waiting weighs less")
        page.fill("[name='reason.zh']", "降低等候权重")
        page.locator("form.change button.primary").click()
        page.wait_for_url(re.compile(r"/programme/versions/\d+$"))
        version = page.url
        expect(page.locator(".state.proposed")).to_be_visible()
    with visitor(browser, address, "leader", language=language, width=WIDTHS[size]) as (_, page):
        page.goto(version)
        expect(page.locator(".difference .added").first).to_be_visible()
        page.locator("button[value=approved]").click()
        expect(page.locator(".state.approved")).to_be_visible()
        page.goto("/programme/contract/services-2025")
        expect(page.locator("#amended")).to_be_visible()


@pytest.mark.parametrize(("language", "size"), [("en", "laptop"), ("zh", "phone")])
def test_an_action_from_a_gap_is_done_and_checked(
    browser: Browser, address: str, language: str, size: str
) -> None:
    with visitor(browser, address, "leader", language=language, width=WIDTHS[size]) as (_, page):
        page.goto("/scores/unit/C2")
        page.locator("a[href*='/actions/new']").first.click()
        page.fill("#text", f"Mend it ({language})")
        page.select_option("#owner", label="Lin Mei")
        page.locator("main button.primary").click()
        page.wait_for_url(re.compile(r"/actions/\d+$"))
        action = page.url
    with visitor(browser, address, "clerk", language=language, width=WIDTHS[size]) as (_, page):
        page.locator(".tasks a", has_text=f"Mend it ({language})").click()
        page.fill("#text", "It is mended")
        page.set_input_files(
            "#paper",
            {"name": "p.pdf", "mimeType": "application/pdf", "buffer": f"%PDF-1.7 {language}".encode()},
        )
        page.locator("button[value=report]").click()
        expect(page.locator(".state.done")).to_be_visible()
    with visitor(browser, address, "reviewer", language=language, width=WIDTHS[size]) as (_, page):
        page.goto(action)
        page.fill("#text", "Seen on the spot")
        page.locator("button[value=confirm]").click()
        expect(page.locator(".state.closed")).to_be_visible()


@AT_BOTH
def test_a_meeting_pack_fits_and_its_decision_becomes_an_action(
    browser: Browser, address: str, language: str, size: str
) -> None:
    with visitor(browser, address, "leader", language=language, width=WIDTHS[size]) as (_, page):
        page.goto("/meetings")
        page.fill("#title", "九月例会")
        page.locator("main button.primary").click()
        page.wait_for_url(re.compile(r"/meetings/\d+$"))
        pack = page.url
        assert page.evaluate("document.documentElement.scrollWidth") <= WIDTHS[size]
        assert [
            one["id"]
            for one in Axe().run(page).response["violations"]
            if one["impact"] in ("serious", "critical")
        ] == []
        page.fill("#notes", "决定如下")
        page.locator("button.primary").click()
        expect(page.locator("p.written")).to_have_text("决定如下")
        page.locator("a[href*='ref=']").first.click()
        page.fill("#text", f"Decided ({language})")
        page.select_option("#owner", label="Lin Mei")
        page.locator("main button.primary").click()
        page.wait_for_url(re.compile(r"/actions/\d+$"))
        page.goto(pack)
        expect(page.locator("section[aria-labelledby=decisions]")).to_contain_text(f"Decided ({language})")


@AT_BOTH
def test_a_register_is_typed_and_sent(browser: Browser, address: str, language: str, size: str) -> None:
    with visitor(browser, address, "clerk", language=language, width=WIDTHS[size]) as (_, page):
        page.goto("/files/form/visits")
        page.fill("[name='0.visit_id']", f"N-77-{language}")
        page.select_option("[name='0.unit']", "C2")
        page.fill("[name='0.visited_on']", "2025-09-02")
        page.select_option("[name='0.kind']", "check")
        page.locator("main button.primary").click()
        page.wait_for_url(re.compile(r"/files/\d+$"))
        page.locator("button[value=submit]").click()
        page.wait_for_url(re.compile(r"/files$"))


@AT_BOTH
def test_reminders_are_set_and_tell_what_waits(
    browser: Browser, address: str, language: str, size: str
) -> None:
    with visitor(browser, address, "clerk", language=language, width=WIDTHS[size]) as (_, page):
        page.locator("details.menu summary").click()
        page.locator("details.menu a[href='/reminders']").click()
        page.fill("main [name=email]", f"{language}@example.org")
        page.locator("main button.primary").click()
        page.goto("/reminders")
        expect(page.locator("main [name=email]")).to_have_value(f"{language}@example.org")
        expect(page.locator(".tasks li").first).to_be_visible()
