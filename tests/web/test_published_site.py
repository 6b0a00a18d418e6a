"""The published site in a real browser: from files, without network, by mouse, keyboard, phone, printer and ear."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser

PAGES = ("index", "scorecard", "ranks", "units", "indicators", "verification", "findings", "methods", "data", "indicators/served_share",
         "indicators/boys_share", "units/T10-f7ef0de3", "units/T10-v0-88670fed", "figures/T10-f7ef0de3.1")  # fmt: skip


def go(page: Page, site: Path, name: str, language: str = "en") -> None:
    page.goto(f"file://{site}/{language}/{name}.html")


def test_the_door_leads_to_the_first_edition(page: Page, place: Path) -> None:
    page.goto(f"file://{place}/index.html")
    page.wait_for_url(re.compile("/en/index.html$"))
    page.get_by_role("link", name="中文").click()
    page.wait_for_url(re.compile("/zh/index.html$"))
    assert page.evaluate("document.documentElement.lang") == "zh-Hans"


def test_a_figure_opens_in_place_and_closes_again(page: Page, place: Path) -> None:
    go(page, place, "scorecard")
    figure = page.locator("table.heat tbody tr").nth(1).locator("td a.fig").nth(1)
    figure.click()
    dialog = page.locator("dialog")
    expect(dialog).to_be_visible()
    frame = page.frame_locator("dialog iframe")
    expect(frame.locator(".why:visible")).to_have_count(1)
    expect(frame.locator(".why:visible")).to_contain_text("100 × Requests served ÷ Requests")
    expect(frame.locator("header.top")).to_be_hidden()
    expect(frame.locator("h1")).to_be_visible()
    frame.get_by_role("link", name="Contributions, records, findings, every period").locator(
        "visible=true"
    ).click()
    expect(frame.locator("article.explain:visible")).to_have_count(1)
    expect(frame.locator("article.explain:visible")).to_contain_text("rows in force")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    assert figure.evaluate("link => link === document.activeElement")


def test_a_row_of_a_light_page_opens_alone(page: Page, place: Path) -> None:
    go(page, place, "figures/T10-f7ef0de3.1")
    page.locator("article#i-served_share summary", has_text="contributed").click()
    page.locator("article#i-served_share details a.fig").first.click()
    frame = page.frame_locator("dialog iframe")
    expect(frame.locator("tbody tr:visible")).to_have_count(1)
    expect(frame.locator("tbody tr:visible")).to_contain_text("÷")


def test_the_dialog_leads_to_the_whole_page(page: Page, place: Path) -> None:
    go(page, place, "scorecard")
    page.locator("table.heat td a.fig").nth(1).click()
    page.get_by_role("link", name="Open the whole page").click()
    page.wait_for_url(re.compile(r"/en/units/.*#l-small-2025-S1$"))
    expect(page.locator("details[open] .why")).to_have_count(1)
    expect(page.locator("header.top")).to_be_visible()


def test_tables_sort_by_keyboard_and_say_so(page: Page, place: Path) -> None:
    go(page, place, "indicators/served_share")
    button = page.get_by_role("button", name="Figure", exact=True)
    heading = page.locator("th", has=button)
    button.focus()
    page.keyboard.press("Enter")
    expect(heading).to_have_attribute("aria-sort", "descending")
    assert figures(page) == sorted(figures(page), reverse=True)
    page.keyboard.press("Enter")
    expect(heading).to_have_attribute("aria-sort", "ascending")
    assert figures(page) == sorted(figures(page))
    page.get_by_role("button", name="Unit", exact=True).press("Space")
    expect(page.locator("[aria-sort]")).to_have_count(1)


def figures(page: Page) -> list[float]:
    cells = page.locator("table.plain tbody tr td:nth-of-type(1)").all_inner_texts()
    return [float(text) for text in cells if re.fullmatch(r"[\d.]+", text)]


def test_missing_stays_last_whichever_way_one_sorts(page: Page, place: Path) -> None:
    go(page, place, "scorecard")
    button = page.locator("th.line button", has_text="Visits")
    for _ in range(2):
        button.click()
        cells = page.locator("table.heat tbody tr td:nth-of-type(7)").all_inner_texts()
        known = [re.match(r"-?[\d.]+", text.replace("−", "-")) is not None for text in cells]
        assert known == sorted(known, reverse=True)
        assert not all(known)


def test_the_first_key_skips_to_the_content(page: Page, place: Path) -> None:
    go(page, place, "index")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_focus_can_be_seen(page: Page, place: Path) -> None:
    go(page, place, "ranks")
    seen = 0
    for _ in range(20):
        page.keyboard.press("Tab")
        style = page.evaluate(
            "(() => { const s = getComputedStyle(document.activeElement); return [s.outlineStyle, parseFloat(s.outlineWidth)]; })()"
        )
        assert style[0] != "none"
        assert style[1] >= 2
        seen += 1
    assert seen == 20


def test_everything_opens_without_a_script(browser: Browser, place: Path) -> None:
    context = browser.new_context(java_script_enabled=False, offline=True)
    page = context.new_page()
    go(page, place, "scorecard")
    page.locator("table.heat td a.fig").nth(1).click()
    page.wait_for_url(re.compile(r"/en/units/.*#l-small-2025-S1$"))
    expect(page.locator(".why:visible")).to_have_count(1)
    page.locator("details.line summary").nth(2).click()
    expect(page.locator(".why:visible")).to_have_count(2)
    expect(page.locator("dialog")).to_have_count(0)
    context.close()


def test_places_can_be_found(page: Page, place: Path) -> None:
    go(page, place, "units")
    page.get_by_label("Find a place").fill("village 6.1")
    expect(page.locator("#places li:visible")).to_have_count(1)
    page.get_by_label("Find a place").fill("")
    expect(page.locator("#places li:visible")).to_have_count(1 + 11 * 4)


@pytest.mark.parametrize("width", [360, 390, 768])
def test_no_page_is_wider_than_the_screen(page: Page, place: Path, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    for name in PAGES:
        for language in ("en", "zh"):
            go(page, place, name, language)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (name, language)


CONTRAST = """() => {
  const channel = (c) => { c /= 255; return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const read = (text) => { const n = text.match(/[\\d.]+/g).map(Number); return n.length === 3 ? [...n, 1] : n; };
  const over = (top, under) => top.slice(0, 3).map((c, i) => c * top[3] + under[i] * (1 - top[3]));
  const behind = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) layers.unshift(read(getComputedStyle(at).backgroundColor));
    return layers.reduce((under, top) => over(top, under), [255, 255, 255]);
  };
  const wrong = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, element = node.parentElement;
    if (!node.textContent.trim() || !element.checkVisibility() || element.closest(".watermark, .unseen, .skip, i, script, title, desc")) continue;
    const style = getComputedStyle(element), svg = element.namespaceURI.endsWith("svg");
    const ink = over(read(svg ? style.fill : style.color), behind(element));
    const [a, b] = [light(ink), light(behind(element))].sort((x, y) => y - x);
    const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && style.fontWeight >= 600);
    if ((a + 0.05) / (b + 0.05) < (large ? 3 : 4.5)) wrong.push([node.textContent.trim().slice(0, 30), element.className.baseVal ?? element.className, ((a + 0.05) / (b + 0.05)).toFixed(2)]);
  }
  return wrong;
}"""


@pytest.mark.parametrize("name", PAGES)
def test_text_stands_out_from_what_is_behind_it(page: Page, place: Path, practice: Path, name: str) -> None:
    """WCAG 2.2, 1.4.3: at least 4.5 : 1, large text 3 : 1; computed for every text on the page."""
    for site in (place, practice):
        go(page, site, name)
        assert page.evaluate(CONTRAST) == []


@pytest.mark.parametrize("name", PAGES)
def test_pages_can_be_heard(page: Page, place: Path, name: str) -> None:
    """One main part, named navigation, named charts and scrolling regions, links and buttons with words."""
    go(page, place, name)
    wrong = page.evaluate(
        """() => {
          const name = (e) => (e.getAttribute("aria-label") || e.textContent || "").trim();
          const found = [];
          if (document.querySelectorAll("main").length !== 1) found.push("main");
          document.querySelectorAll("nav, [role=region]").forEach((e) => { if (!e.getAttribute("aria-label")) found.push(e.outerHTML.slice(0, 80)); });
          document.querySelectorAll("[role=region]").forEach((e) => { if (e.tabIndex !== 0) found.push("no key reaches " + e.getAttribute("aria-label")); });
          document.querySelectorAll("a, button, summary").forEach((e) => { if (!name(e)) found.push(e.outerHTML.slice(0, 80)); });
          document.querySelectorAll("svg[role=img]").forEach((e) => {
            const ids = e.getAttribute("aria-labelledby").split(" ");
            if (!ids.every((id) => document.getElementById(id)?.textContent)) found.push(ids.join());
          });
          document.querySelectorAll("[aria-labelledby]").forEach((e) => {
            if (!e.getAttribute("aria-labelledby").split(" ").every((id) => document.getElementById(id))) found.push(e.getAttribute("aria-labelledby"));
          });
          document.querySelectorAll("input").forEach((e) => { if (!e.labels.length) found.push("input"); });
          return found;
        }"""
    )
    assert wrong == []


def test_the_four_kinds_are_spoken(page: Page, place: Path) -> None:
    go(page, place, "scorecard")
    cell = page.locator("table.heat td.u").first
    assert "not expected" in (cell.text_content() or "")
    assert "not expected" not in cell.locator("a").evaluate("a => a.firstChild.textContent")


def test_print_hides_what_paper_cannot_do_and_keeps_the_warning(
    page: Page, practice: Path, tmp_path: Path
) -> None:
    go(page, practice, "scorecard")
    page.emulate_media(media="print")
    expect(page.locator(".top nav")).to_be_hidden()
    expect(page.locator(".watermark")).to_be_visible()
    expect(page.locator(".banner")).to_be_visible()
    assert page.evaluate("getComputedStyle(document.querySelector('.h1, .h5')).printColorAdjust") == "exact"
    assert (
        len(page.pdf(path=tmp_path / "scorecard.pdf", prefer_css_page_size=True, print_background=True))
        > 10_000
    )


def test_the_rehearsal_mark_stays_in_sight(page: Page, practice: Path) -> None:
    for name in PAGES:
        go(page, practice, name)
        page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
        expect(page.locator(".banner")).to_be_in_viewport()
        expect(page.locator(".watermark")).to_be_in_viewport()
        assert page.title().startswith("REHEARSAL")


def test_hostile_names_do_nothing(page: Page, place: Path) -> None:
    page.on("dialog", lambda dialog: pytest.fail("a name was run as a script"))
    for name in ("index", "scorecard", "ranks", "units", "indicators/served_share"):
        go(page, place, name)
    assert page.get_by_text('<script>alert("x")</script>').count() > 0
