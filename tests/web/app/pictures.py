"""The pictures of docs/web, made anew: `python -m tests.web.app.pictures WORKPLACE ADDRESS` on a served demo county."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright
from tests.web.app.conftest import PASSWORD
from tests.web.conftest import ARGUMENTS

OUT = Path(__file__).parents[3] / "docs" / "web"
PICTURES = {
    "clerk": ("clerk", "/reports/monthly/2025-10/T01", 1120),
    "phone": ("village-clerk", "/reports/monthly/2025-10/V001", 390),
    "reviewer": ("reviewer", "/reports/review", 1120),
    "scorecard": ("leader", "/scores", 1120),
    "explain": ("leader", "/scores/explain/folic_acid_supplied/T01", 1120),
    "findings": ("inspector", "/findings", 1120),
}
"""Name → who, which page, how wide."""


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
            page.wait_for_timeout(500)
            page.screenshot(path=OUT / f"{name}.jpg", type="jpeg", quality=26)
            page.close()
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1])
