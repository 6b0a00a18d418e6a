"""From accepted to the store: immutable batches, exactly once, whatever dies on the way."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.web.app.test_reporting import send

Accepted = Callable[..., None]


@pytest.fixture
def accepted(
    undone: Path, signed_in: Callable[..., Any], settings_with: Any, tmp_path: Path
) -> Iterator[Accepted]:
    """Sends and accepts a report; the store is a copy, thrown away afterwards."""
    from tallymark_web.reporting.models import Report

    place = tmp_path / "workplace"
    for name in ("programme", "store"):
        shutil.copytree(undone / name, place / name)
    with settings_with(today=dt.date(2025, 10, 3), workplace=place):
        clerk, reviewer = signed_in("village-clerk"), signed_in("reviewer")

        def made(key: str, **items: str) -> None:
            version = send(clerk, key, **items).json()["rows"]["C1"]["version"]
            report = Report.objects.get()
            assert (
                reviewer.post(
                    f"/reports/{report.pk}/decide", {"act": "accept", "version": version}
                ).status_code
                == 302
            )

        yield made


def in_store(item: str = "complaints") -> float | None:
    from tallymark_web.reporting.stored import values
    from tallymark_web.workplace import programme, store

    found = values(store(), programme().datasets["monthly"], ["2025-09"])
    return found.get(("C1", "2025-09"), {}).get(item)


def deliver() -> int:
    from tallymark_web.reporting.delivering import deliver_all

    return deliver_all(lambda said: None)


def test_accepted_reports_enter_the_store_as_a_batch(accepted: Accepted) -> None:
    from tallymark_web.reporting.models import Version
    from tallymark_web.workplace import store

    before = store().version
    accepted("key-number-1", complaints="5", stockout_days="?")
    assert in_store() != 5
    assert deliver() == 1
    assert (in_store(), store().version) == (5, before + 1)
    assert Version.objects.get().delivery.batch == before + 1
    assert deliver() == 0
    assert store().version == before + 1


def test_corrected_and_corrected_back(accepted: Accepted) -> None:
    for number, complaints in enumerate(("5", "6", "5", "6", "5")):
        accepted(f"key-number-{number}", complaints=complaints)
        deliver()
        assert in_store() == float(complaints)


def test_several_versions_accepted_before_a_delivery_keep_their_order(accepted: Accepted) -> None:
    accepted("key-number-1", complaints="5")
    accepted("key-number-2", complaints="8")
    assert deliver() == 2
    assert in_store() == 8


@pytest.mark.parametrize("dies", ["before the file", "after the file", "after the receipt"])
def test_a_delivery_that_was_broken_off_is_made_good(
    accepted: Accepted, dies: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tallymark_web.reporting import delivering
    from tallymark_web.workplace import store

    accepted("key-number-1", complaints="5")
    before = store().version

    def killed(*args: Any, **kwargs: Any) -> None:
        raise KeyboardInterrupt

    name = {"before the file": "_written", "after the file": "tm", "after the receipt": "record"}[dies]
    with monkeypatch.context() as patch:
        patch.setattr(delivering, name, type("Dead", (), {"receive": killed})() if name == "tm" else killed)
        with pytest.raises(KeyboardInterrupt):
            deliver()
    assert deliver() == 1
    assert in_store() == 5
    assert store().version == before + 1


def test_being_in_time_is_decided_by_the_day_it_was_sent(accepted: Accepted) -> None:
    from tallymark_web.reporting.models import Delivery, Version

    accepted("key-number-1")
    sent = Version.objects.get().at
    deliver()
    assert Delivery.objects.get().received_at == sent


def test_the_queue_takes_back_what_a_dead_worker_had(undone: Path) -> None:
    from tallymark.clock import now
    from tallymark_web.jobs import queue
    from tallymark_web.jobs.models import Job
    from tallymark_web.people.models import Person

    by = Person.objects.get(username="statistician")
    queue.ask("assess", {"contract": "services-2025"}, by=by, at=now())
    assert queue.ask("assess", {"contract": "services-2025"}, by=by, at=now()).pk == Job.objects.get().pk
    first = queue.take(now())
    assert first is not None
    assert queue.take(now()) is None
    later = now() + dt.timedelta(minutes=5)
    second = queue.take(later)
    assert second is not None
    assert (second.pk, second.attempt) == (first.pk, 2)
    assert not queue.end(first, "done", "too late", later)  # the first worker wakes up again
    assert queue.end(second, "done", "done", later)
    queue.cancel(second, by=by, at=later)
    second.refresh_from_db()
    assert second.state == "done"
