"""A small workplace, its web app in this process, and accounts for every role."""

from __future__ import annotations

import atexit
import datetime as dt
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from bench.cluster import BIN
from bench.cluster import postgresql as cluster

from tallymark.cli import run

os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
"""A browser of another test keeps an event loop in this thread, and Django would take these tests for its coroutines."""

DAY = dt.datetime(2025, 9, 12, 9, 0, tzinfo=dt.UTC)
PASSWORD = "try-the-demo-county"
RECEIVED = "2025-10-03"


def make_workplace(folder: Path, *, assessed: bool = True) -> Path:
    """The starter programme in `programme`, its data in `store`, and one run."""
    for name in ("programme", "store"):
        shutil.copytree(_made() / name, folder / name)
    if not assessed:
        shutil.rmtree(folder / "store" / "runs")
    return folder


@cache
def _made() -> Path:
    """A workplace made once, from which the others are copied."""
    folder = Path(tempfile.mkdtemp(prefix="tallymark-workplace-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    programme, store = folder / "programme", folder / "store"
    assert run(["new", str(programme), "--code", "clinic"]) == 0
    for dataset in ("visits", "monthly", "residents"):
        file = programme / "data" / f"{dataset}.csv"
        assert (
            run(["receive", str(programme), str(store), dataset, str(file), "--received-at", RECEIVED]) == 0
        )
    shutil.rmtree(programme / "data")
    assert run(["assess", str(programme), str(store), "--contract", "services-2025"]) == 0
    return folder


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The address of an empty database in a cluster of our own."""
    if BIN is None:
        pytest.skip("no PostgreSQL on this machine (Debian: apt install postgresql)")
    with cluster(durable=False) as address:
        yield address


@pytest.fixture(scope="session")
def workplace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_workplace(tmp_path_factory.mktemp("workplace"))


@pytest.fixture(scope="session")
def office(workplace: Path) -> Path:
    """The workplace with its database ready and Django set up in this process."""
    os.environ |= {
        "TALLYMARK_WORKPLACE": str(workplace),
        "DJANGO_SETTINGS_MODULE": "tallymark_web.settings",
        "TALLYMARK_SECOND_FACTOR": "nobody",
        "TALLYMARK_HOSTS": "localhost 127.0.0.1 testserver",
    }
    import django

    django.setup()
    from django.core.management import call_command
    from django.test.utils import setup_test_environment

    from tallymark_web.people.cast import Places
    from tallymark_web.people.demo import make_demo_accounts

    setup_test_environment()
    call_command("migrate", interactive=False, verbosity=0)
    make_demo_accounts(Places(top="D", town="D", village="C1"), at=DAY)
    return workplace


@pytest.fixture
def undone(office: Path) -> Iterator[Path]:
    """Whatever a test writes is taken back."""
    from django.core.cache import cache
    from django.db import transaction

    cache.clear()  # rate limits
    with transaction.atomic():
        yield office
        transaction.set_rollback(True)


@pytest.fixture
def signed_in(undone: Path) -> Callable[..., object]:
    """A client in which somebody is signed in."""
    from django.test import Client

    from tallymark_web.people.models import Person

    def made(username: str, **options: object) -> Client:
        client = Client(**options)
        client.force_login(
            Person.objects.get(username=username),
            backend="allauth.account.auth_backends.AuthenticationBackend",
        )
        return client

    return made


def moved_to(username: str, unit: str) -> None:
    """Somebody's grants withdrawn, and the same roles given for another unit."""
    from django.utils import timezone

    from tallymark_web.people.models import Grant

    for grant in Grant.objects.filter(person__username=username, withdrawn_at=None):
        Grant.objects.filter(pk=grant.pk).update(withdrawn_at=timezone.now())
        grant.pk, grant.unit = None, unit
        grant.save(force_insert=True)


@pytest.fixture
def settings_with(office: Path) -> Callable[..., object]:
    """Another installation for a while."""
    import contextlib
    from dataclasses import replace

    from django.conf import settings

    @contextlib.contextmanager
    def changed(**values: object) -> Iterator[None]:
        kept = settings.INSTALLATION
        settings.INSTALLATION = replace(kept, **values)
        yield
        settings.INSTALLATION = kept

    return changed
