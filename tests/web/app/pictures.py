"""The pictures of docs/web, made anew: `python -m tests.web.app.pictures ADDRESS` on a served demo county."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright
from tests.web.app.conftest import PASSWORD
from tests.web.conftest import ARGUMENTS

OUT = Path(__file__).parents[3] / "docs" / "web"
PICTURES = {
    "clerk": ("clerk", "/reports/monthly/2025-10/T01", 1120),
    "phone": ("village-clerk", "/reports/monthly/2025-10/V001", 390),
    "reviewer": ("reviewer", "/reports/review", 1120),
    "scorecard": ("leader", "/scores", 1120),
    "explain": ("leader", "/scores/explain/folic_acid_supplied/T01", 1120),
    "overview": ("leader", "/", 1120),
    "change": ("statistician", "/programme/change/contracts/demo-2025", 1120),
    "actions": ("leader", "/actions", 1120),
    "trends": ("leader", "/scores/trends/antenatal_5", 1120),
    "findings": ("inspector", "/findings", 1120),
    "guide/auditor": ("auditor", "/audit", 1120),
    "guide/administrator": ("administrator", "/people/1", 1120),
    "guide/public": ("", "/public/", 390),
}
"""Name → who, which page, how wide."""


CHINESE = {
    "guide/clerk-zh": "clerk",
    "guide/village-clerk-zh": "phone",
    "guide/reviewer-zh": "reviewer",
    "guide/inspector-zh": "findings",
    "guide/statistician-zh": "change",
    "guide/leader-zh": "scorecard",
    "guide/auditor-zh": "guide/auditor",
    "guide/administrator-zh": "guide/administrator",
    "guide/public-zh": "guide/public",
}
"""Pictures of the Chinese guides → which of the above they show."""
QUALITIES, MOST_BYTES = (26, 18, 12, 8), 60_000
"""How well pictures are kept, worse while they are too large to live beside the text."""


TYPED = {
    "change": {
        "contracts/demo-2025/sections/0/lines/0/points": "2",
        "contracts/demo-2025/sections/0/lines/1/points": "6",
    }
}
"""What is typed into a page before its picture is taken."""


def _typed(page: Page, name: str) -> None:
    page.evaluate("document.querySelectorAll('details.part').forEach((part, at) => { part.open = at < 2 })")
    for field, text in TYPED[name].items():
        page.fill(f"[name='{field}']", text)
    page.wait_for_timeout(2_500)


def _taken(page: Page, name: str, out: Path) -> None:
    """Opens what a picture shows, and takes it."""
    who, path, _ = PICTURES[name]
    if who:
        page.goto("/account/login/")
        page.fill("[name=login]", who)
        page.fill("[name=password]", PASSWORD)
        page.locator("main button.primary").click()
        page.wait_for_url(re.compile("/$"))
    page.goto(path)
    if name in TYPED:
        _typed(page, name)
    page.wait_for_timeout(500)
    for quality in QUALITIES:
        if len(page.screenshot(path=out, type="jpeg", quality=quality)) <= MOST_BYTES:
            return


def main(address: str) -> None:
    """Writes every picture, small enough to live beside the text."""
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=list(ARGUMENTS))
        for file, name in ({name: name for name in PICTURES} | CHINESE).items():
            width = PICTURES[name][2]
            context = browser.new_context(
                base_url=address, viewport={"width": width, "height": 760 if width > 500 else 800}
            )
            language = "zh-hans" if file in CHINESE else "en"
            context.add_cookies([{"name": "django_language", "value": language, "url": address}])
            _taken(context.new_page(), name, OUT / f"{file}.jpg")
            context.close()
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1])
