"""The pictures of docs/web, made anew: `python -m tests.web.app.pictures WORKPLACE ADDRESS` on a served demo county."""

from __future__ import annotations

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
}
"""Name → who, which page, how wide."""


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


def main(address: str) -> None:
    """Writes every picture, small enough to live beside the text."""
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=list(ARGUMENTS))
        for name, (who, path, width) in PICTURES.items():
            page = browser.new_page(
                base_url=address, viewport={"width": width, "height": 760 if width > 500 else 800}
            )
            page.goto("/account/login/")
            page.fill("[name=login]", who)
            page.fill("[name=password]", PASSWORD)
            page.locator("main button.primary").click()
            page.goto(path)
            if name in TYPED:
                _typed(page, name)
            page.wait_for_timeout(500)
            page.screenshot(path=OUT / f"{name}.jpg", type="jpeg", quality=26)
            page.close()
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1])
