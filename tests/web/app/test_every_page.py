"""Every page that links lead to, as every role: nothing serious for axe, light, no wider than a phone, in both languages."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from tests.web.app.conftest import make_workplace
from tests.web.app.served import served
from tests.web.app.test_days import MOST_BYTES, WIDTHS, fill, visitor
from tests.web.app.test_outlook import project_small

from tallymark.publish import publish
from tallymark.releasing import release
from tallymark.store.runs import open_run

pytestmark = pytest.mark.browser
ROLES = (
    "leader",
    "statistician",
    "clerk",
    "village-clerk",
    "reviewer",
    "inspector",
    "auditor",
    "administrator",
)
NO_PAGES = {
    "inbox-paper",
    "actions-proof",
    "public-file",
    "programme-workbook",
    "healthy",
    "start",
    "public-thanks",
    "help-picture",
}
"""Files, what machines read, the first run's page, and thanks for a complaint: no page of a running office that links reach."""
OTHERWISE = {
    "leader": ["/scores/compare?unit=C1&unit=C2", "/actions/new?source=order&unit=C2", "/actions?state=all"],
    "statistician": ["/programme/change/indicators/-new"],
    "clerk": ["/files", "/reports/monthly/2025-09/D", "/files/form/residents"],
}
"""Pages that look otherwise with another address."""
RELEASED = dt.datetime(2025, 10, 3, 9, 0, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def address(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An office in which something of everything has happened."""
    folder = make_workplace(tmp_path_factory.mktemp("lived-in"))
    (folder / "demo.json").write_text(json.dumps({"made by": "a test"}), encoding="utf-8")
    (made,) = (folder / "store" / "runs").glob("services-2025*")
    publish(release(open_run(made), folder / "store" / "releases", released_at=RELEASED), folder / "site")
    (folder / "projections").mkdir()
    project_small(tmp_path_factory.mktemp("projection")).rename(folder / "projections" / "county")
    with served(folder, made=True) as found:
        with visitor(browser, found, "village-clerk") as (_, page):
            page.goto("/reports/monthly/2025-09/C1")
            fill(page, "C1", ["7", "0", "2", "2"])
            page.locator("#send").click()
            expect(page.locator("#status")).to_have_class("good")
        with visitor(browser, found, "clerk") as (_, page):
            page.goto("/files/form/visits")
            page.fill("[name='0.visit_id']", "N-78")
            page.select_option("[name='0.unit']", "C2")
            page.fill("[name='0.visited_on']", "2025-09-02")
            page.select_option("[name='0.kind']", "check")
            page.locator("main button.primary").click()
            page.wait_for_url(re.compile(r"/files/\d+$"))
        with visitor(browser, found, "statistician") as (_, page):
            page.goto("/programme/change/contracts/services-2025")
            line = "contracts/services-2025/sections/0/lines"
            for name, text in {f"{line}/0/points": "30", f"{line}/1/points": "30"}.items():
                page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true })")
                page.fill(f"[name='{name}']", text)
            for name in ("why", "en", "zh"):
                page.fill(f"[name='reason.{name}']", "决定 · decided")
            page.locator("form.change button.primary").click()
            page.wait_for_url(re.compile(r"/programme/versions/\d+$"))
            page.goto("/public/complain")
            page.locator("[name=about]").nth(1).check()
            page.fill("[name=text]", "Too much is withheld.")
            page.locator("main form button").click()
        yield found


def links(page: Page) -> list[str]:
    """Where the links of a page lead, inside the app."""
    found = page.locator("a[href]").evaluate_all(
        "links => links.map(link => new URL(link.getAttribute('href'), location.href)).filter(at => at.origin === location.origin)"
        ".map(at => at.pathname + at.search)"
    )
    return list(dict.fromkeys(found))


def faults(page: Page, path: str, language: str, width: int) -> list[str]:
    """What is wrong with a page that is open."""
    wrong = []
    if len(page.content().encode()) > MOST_BYTES:
        wrong.append(f"{path}: {len(page.content().encode())} bytes")
    if page.evaluate("document.documentElement.scrollWidth") > width:
        wrong.append(f"{path}: wider than the screen")
    if page.locator("html").get_attribute("lang") != ("zh-Hans" if language == "zh" else "en"):
        wrong.append(f"{path}: language")
    for one in Axe().run(page).response["violations"]:
        if one["impact"] in ("serious", "critical"):
            wrong.append(f"{path}: {one['id']} {one['nodes'][0]['html'][:120]}")
    return wrong


@pytest.mark.parametrize(("size", "language"), [("laptop", "en"), ("phone", "zh")])
def test_every_page_is_reached_by_links_accessible_light_and_fits(
    browser: Browser, address: str, office: Path, size: str, language: str
) -> None:
    from django.urls import Resolver404, resolve

    from tallymark_web.routes import ROUTES

    seen, wrong, seconds = set[str](), list[str](), dict[str, float]()
    for who in ROLES:
        with visitor(browser, address, who, width=WIDTHS[size], language=language) as (_, page):
            queue, tried = ["/", "/public/", *OTHERWISE.get(who, ())], set[str]()
            while queue:
                path = queue.pop(0)
                try:
                    name = resolve(path.split("?")[0]).view_name
                except Resolver404:
                    wrong.append(f"{path}: leads nowhere")
                    continue
                machine = name in NO_PAGES or path.startswith("/api/")
                other = path in OTHERWISE.get(who, ()) and path not in tried
                if machine or (not other and (name in tried or (name in seen and name != "home"))):
                    continue
                answer = page.goto(path)
                assert answer is not None
                if answer.status != 200:
                    wrong.append(f"{path}: {answer.status} for {who}")
                    continue
                tried |= {name, path}
                seen.add(name)
                seconds[path] = page.evaluate(
                    "(at => at.responseStart - at.requestStart)(performance.getEntriesByType('navigation')[0])"
                )
                wrong += faults(page, path, language, WIDTHS[size])
                queue += links(page)
    slowest = sorted(seconds.items(), key=lambda entry: -entry[1])[:5]
    print(len(seen), "pages; slowest, in ms:", slowest)
    pages = {route.name for route in ROUTES if "GET" in route.methods} - NO_PAGES
    wrong += [f"{name}: no link leads there" for name in sorted(pages - seen)]
    assert not wrong
