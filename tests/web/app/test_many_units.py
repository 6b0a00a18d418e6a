"""Pages of 40,000 units: found, filtered, sorted, paged; few questions to the database, light pages, the right figures."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.web.app.many_units import CLINICS, TOWNS, clinic, make_many, points, total, town_of

MOST_QUERIES, MOST_BYTES = 14, 200_000
PAGES = (
    "/", "/scores", "/scores?page=300", "/scores?q=No. 123&sort=name", "/scores?below=T007&sort=worst", "/scores/unit/D",
    "/scores/unit/T007", "/scores/unit/C39000", "/scores/indicator/seen_in_time?page=390", "/scores/trends/seen_in_time",
    "/scores/compare", "/scores/compare?unit=C00001&unit=C39001&q=123", "/scores/explain/seen_in_time/C39000", "/reports",
    "/findings", "/actions", "/programme",
)  # fmt: skip


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_many(tmp_path_factory.mktemp("many"))


@pytest.fixture
def client(many: Path, signed_in: Callable[..., Any], settings_with: Any) -> Iterator[Any]:
    with settings_with(workplace=many):
        yield signed_in("leader")


def rows(client: Any, address: str) -> list[str]:
    found: list[str] = [row["unit"] for row in client.get(address).context["rows"]]
    return found


def test_every_page_is_light_and_asks_little(client: Any, capsys: pytest.CaptureFixture[str]) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    began = time.process_time()
    assert client.get("/scores").status_code == 200
    said, wrong = [f"opened in {time.process_time() - began:.1f} s"], []
    for page in PAGES:
        with CaptureQueriesContext(connection) as asked:
            began = time.process_time()
            answer = client.get(page)
            took = time.process_time() - began
        said.append(f"{page}: {took * 1000:.0f} ms CPU, {len(asked)} queries, {len(answer.content):,} bytes")
        if answer.status_code != 200 or len(asked) > MOST_QUERIES or len(answer.content) > MOST_BYTES:
            wrong.append(said[-1])
    with capsys.disabled():
        print("\n" + "\n".join(said))
    assert not wrong


def test_pages_follow_each_other_best_first(client: Any) -> None:
    best = sorted(range(CLINICS), key=lambda at: (-total(at), clinic(at)))
    assert rows(client, "/scores") == [clinic(at) for at in best[:100]]
    assert rows(client, "/scores?page=300") == [clinic(at) for at in best[29_900:30_000]]
    assert rows(client, "/scores?page=396") == [clinic(at) for at in best[39_500:]]
    worst = sorted(range(CLINICS), key=lambda at: (total(at), clinic(at)))
    assert rows(client, "/scores?sort=worst") == [clinic(at) for at in worst[:100]]
    assert rows(client, "/scores?sort=code&page=2") == [clinic(at) for at in range(100, 200)]
    assert rows(client, "/scores?sort=nonsense") == rows(client, "/scores")


def test_found_by_name_and_below_a_unit(client: Any) -> None:
    named = sorted(at for at in range(CLINICS) if f"clinic no. {at}".startswith("clinic no. 1234"))
    assert rows(client, "/scores?q=no. 1234&sort=code") == [clinic(at) for at in named]
    below = [at for at in range(CLINICS) if town_of(at) == "T007"]
    assert rows(client, "/scores?below=T007&sort=code&page=1") == [clinic(at) for at in below[:100]]
    assert len(below) == 100
    assert rows(client, "/scores?below=nowhere") == []
    page = client.get("/scores").content.decode()
    assert len(re.findall(r"<option value=\"T\d+\"", page)) == TOWNS


def test_the_last_unit_has_its_figures(client: Any) -> None:
    """The first 20,000 units alone had them: the others were shown as missing."""
    last = CLINICS - 1
    shown = client.get(f"/scores/unit/{clinic(last)}").context["figures"]
    most = (40, 20, 20, 20)
    expected = {
        name: f"{round(100 * points(last, line) / most[line], 1):.1f}"
        for line, name in enumerate(
            ("seen_in_time", "stockout_share", "complaints_closed_share", "reports_on_time")
        )
    }
    assert {row["indicator"]: row["text"].split()[0].rstrip("%") for row in shown if row["known"]} == expected
    from tallymark_web.reading.runs import opened
    from tallymark_web.workplace import newest_run

    run = newest_run()
    assert run is not None
    facts = opened(run).facts
    for at in (0, 25_000, last):
        assert facts.counted[clinic(at)]["visits"].value == at
        assert [row.difference for row in facts.differences[clinic(at)]["seen_in_time"]] == [at]
    page = client.get("/scores/indicator/seen_in_time?page=396&level=clinic").context["rows"]
    assert page[-1]["unit"] == clinic(last)
    assert all(row["known"] for row in page)


def test_a_clerk_of_one_town_sees_no_other(client: Any, many: Path, signed_in: Callable[..., Any]) -> None:
    from tests.web.app.conftest import moved_to

    moved_to("leader", "T007")
    assert set(rows(client, "/scores?sort=code")) == {
        clinic(at) for at in range(CLINICS) if town_of(at) == "T007"
    }
    assert rows(client, "/scores?below=T008") == []
    assert client.get("/scores/unit/C00008").status_code == 404
    assert b"Town 8<" not in client.get("/scores").content
