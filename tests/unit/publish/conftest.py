"""One small run and its sites, made once for all tests of publishing."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.publish.fabricate import MadeUp, made_up
from tests.unit.publish.place import small_programme

from tallymark.programme.resolved import Programme
from tallymark.publish import publish
from tallymark.publish.edition import Edition, edition
from tallymark.publish.facts import Facts, read_facts
from tallymark.publish.plan import Plan, make_plan


@pytest.fixture(scope="session")
def programme(tmp_path_factory: pytest.TempPathFactory) -> Programme:
    return small_programme(tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="session")
def run(programme: Programme) -> MadeUp:
    return made_up(programme, "small-2025")


@pytest.fixture(scope="session")
def facts(run: MadeUp) -> Facts:
    return read_facts(run)


@pytest.fixture(scope="session")
def plan(facts: Facts) -> Plan:
    return make_plan(facts)


@pytest.fixture(scope="session")
def english(facts: Facts, plan: Plan) -> Edition:
    return edition(facts, plan, "en")


@pytest.fixture(scope="session")
def chinese(facts: Facts, plan: Plan) -> Edition:
    return edition(facts, plan, "zh")


@pytest.fixture(scope="session")
def site(run: MadeUp, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publish(run, tmp_path_factory.mktemp("out") / "site").path


@pytest.fixture(scope="session")
def rehearsal(programme: Programme, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = made_up(programme, "small-2025", mode="rehearsal", months=False)
    return publish(made, tmp_path_factory.mktemp("practice") / "site").path
