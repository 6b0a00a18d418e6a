"""The project as a whole: migrations complete, every module imports, the client example works."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

ROOT = Path(__file__).parents[3]


def test_migrations_are_complete(office: Path) -> None:
    call_command("makemigrations", "web", check=True, dry_run=True, verbosity=0)


def test_django_finds_nothing_wrong(office: Path) -> None:
    call_command("check", fail_level="WARNING")


def test_every_module_imports(office: Path) -> None:
    source = ROOT / "src"
    for path in sorted((source / "tallymark_web").rglob("*.py")):
        name = ".".join(path.relative_to(source).with_suffix("").parts)
        if not name.endswith(("__main__", "wsgi")):
            importlib.import_module(name.removesuffix(".__init__"))


def test_the_client_example_sends_what_a_file_holds(
    signed_in: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings_with: Any
) -> None:
    import datetime as dt
    import io
    import urllib.request

    from django.test import Client

    from tallymark.clock import now
    from tallymark_web.api.tokens import make_token
    from tallymark_web.people.models import Person

    spec = importlib.util.spec_from_file_location("send_reports", ROOT / "docs" / "web" / "send_reports.py")
    assert spec is not None
    assert spec.loader is not None
    example = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(example)
    file = tmp_path / "september.csv"
    file.write_text(
        "unit,item,value\nC1,visits_reported,7\nC1,stockout_days,0\nC1,complaints,2\nC1,complaints_closed,?\n",
        encoding="utf-8",
    )

    def opened(request: urllib.request.Request, timeout: int) -> Any:
        answer = Client().post(
            request.selector,
            request.data,
            content_type="application/json",
            headers=dict(request.header_items()),
        )
        assert answer.status_code == 200, answer.content
        return io.BytesIO(answer.content)

    monkeypatch.setattr(urllib.request, "urlopen", opened)
    token = make_token(Person.objects.get(username="village-clerk"), "example", at=now())
    with settings_with(today=dt.date(2025, 10, 3)):
        for _ in range(2):
            assert example.send("http://testserver", "monthly", "2025-09", file, token) == [
                {"unit": "C1", "version": 1, "refused": None}
            ]
