"""Reads an ORBF project and its pyramid (YAML as Ruby writes it) as plain frozen values; nothing in it is executed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tallymark.errors import ProgrammeError

FREQUENCIES = ("monthly", "quarterly", "yearly")
PACKAGE_KINDS = ("single", "zone", "subcontract")
RULE_KINDS = ("activity", "package", "zone", "entities_aggregation", "payment")


@dataclass(frozen=True, slots=True)
class Formula:
    """A named expression; `element` (or one by activity) is the data element its result is published as."""

    code: str
    expression: str
    frequency: str | None
    element: str | None
    elements: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class State:
    """An input of an activity: a data element, or a constant."""

    name: str
    element: str | None
    constant: str | None


@dataclass(frozen=True, slots=True)
class Activity:
    """A service that is paid for."""

    code: str
    name: str
    states: tuple[State, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision table: the outputs of the first row whose inputs all match (`*` matches anything)."""

    rows: tuple[Mapping[str, str], ...]


@dataclass(frozen=True, slots=True)
class Package:
    """Activities, for whom, how often, and the formulas of each kind."""

    code: str
    kind: str
    frequency: str
    groups: frozenset[str]
    targets: frozenset[str]
    groupset: str | None
    with_main: bool
    activities: tuple[Activity, ...]
    formulas: Mapping[str, tuple[Formula, ...]]
    decisions: Mapping[str, tuple[Decision, ...]]

    @property
    def states(self) -> tuple[str, ...]:
        """Names of every activity's states, in order of first appearance: an activity that lacks one has no value."""
        return tuple(dict.fromkeys(state.name for activity in self.activities for state in activity.states))


@dataclass(frozen=True, slots=True)
class Payment:
    """Formulas over the results of several packages."""

    code: str
    frequency: str
    packages: tuple[str, ...]
    formulas: tuple[Formula, ...]


@dataclass(frozen=True, slots=True)
class Project:
    """A whole results-based-financing contract."""

    packages: tuple[Package, ...]
    payments: tuple[Payment, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A unit of the pyramid with the groups that it is in."""

    unit: str
    name: str
    path: str
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pyramid:
    """Units, groups and sets of groups."""

    places: Mapping[str, Place]
    groups: Mapping[str, str]
    groupsets: Mapping[str, tuple[str, frozenset[str]]]


class _RubyLoader(yaml.CSafeLoader):
    """Reads Ruby's tagged objects as mappings; every other tag is refused by the safe loader."""


def _ruby_object(loader: _RubyLoader, suffix: str, node: yaml.Node) -> Iterator[dict[str, Any]]:
    # A generator, so that objects that refer to themselves through anchors can be built.
    # Ruby's sets have objects as keys and only index what stands elsewhere: left out.
    found: dict[str, Any] = {}
    yield found
    if isinstance(node, yaml.MappingNode) and suffix != "Set":
        found.update({str(key): value for key, value in loader.construct_mapping(node).items()})


_RubyLoader.add_multi_constructor("!ruby/object:", _ruby_object)
_RubyLoader.add_multi_constructor("!ruby/", _ruby_object)


def _read(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            found = yaml.load(file, _RubyLoader)
    except OSError as error:
        raise ProgrammeError(f"{path}: {error.strerror}; give the path of an exported project") from None
    except yaml.YAMLError as error:
        raise ProgrammeError(f"{path}: not YAML as the rules engine writes it ({error})") from None
    if not isinstance(found, dict):
        raise ProgrammeError(f"{path}: not a project; expected a mapping, found {type(found).__name__}")
    return found


def read_project(path: Path) -> Project:
    """The contract in an ORBF project file; ProgrammeError where it says something that is not understood."""
    found = _read(path)
    if "packages" not in found:
        raise ProgrammeError(f"{path}: no `packages`; this is not an exported rules-engine project")
    packages = tuple(_package(path, raw) for raw in found["packages"])
    return Project(packages, tuple(_payment(path, raw) for raw in found.get("payment_rules") or ()))


def _package(path: Path, raw: Mapping[str, Any]) -> Package:
    code = raw["code"]
    _known(path, code, raw["kind"], PACKAGE_KINDS)
    _known(path, code, raw["frequency"], FREQUENCIES)
    formulas: dict[str, tuple[Formula, ...]] = {}
    decisions: dict[str, tuple[Decision, ...]] = {}
    for rule in raw["rules"]:
        kind = _known(path, code, rule["kind"], RULE_KINDS)
        formulas[kind] = formulas.get(kind, ()) + tuple(_formula(each) for each in rule["formulas"])
        tables = tuple(
            Decision(tuple(row["row"] for row in table["rules"])) for table in rule["decision_tables"]
        )
        decisions[kind] = decisions.get(kind, ()) + tables
    return Package(
        code=code,
        kind=raw["kind"],
        frequency=raw["frequency"],
        groups=frozenset(raw["main_org_unit_group_ext_ids"]),
        targets=frozenset(raw["target_org_unit_group_ext_ids"]),
        groupset=raw.get("groupset_ext_id"),
        with_main=bool(raw.get("include_main_orgunit")),
        activities=tuple(_activity(each) for each in raw["activities"]),
        formulas=formulas,
        decisions=decisions,
    )


def _known(path: Path, code: str, word: str, known: tuple[str, ...]) -> str:
    if word not in known:
        raise ProgrammeError(
            f"{path}: package {code}: '{word}' is not supported; supported: {', '.join(known)}"
        )
    return word


def _formula(raw: Mapping[str, Any]) -> Formula:
    return Formula(
        raw["code"],
        str(raw["expression"]),
        raw.get("frequency"),
        raw.get("single_mapping"),
        dict(raw.get("activity_mappings") or {}),
    )


def _activity(raw: Mapping[str, Any]) -> Activity:
    return Activity(raw["activity_code"], raw["name"], tuple(_state(each) for each in raw["activity_states"]))


def _state(raw: Mapping[str, Any]) -> State:
    constant = str(raw["formula"]) if raw["kind"] == "constant" else None
    return State(raw["state"], raw.get("ext_id"), constant)


def _payment(path: Path, raw: Mapping[str, Any]) -> Payment:
    _known(path, raw["code"], raw["frequency"], FREQUENCIES)
    formulas = tuple(_formula(each) for each in raw["rule"]["formulas"])
    return Payment(raw["code"], raw["frequency"], tuple(each["code"] for each in raw["packages"]), formulas)


def read_pyramid(path: Path) -> Pyramid:
    """Units with their groups, and sets of groups, in an ORBF pyramid file."""
    found = _read(path)
    places = {
        raw["ext_id"]: Place(raw["ext_id"], raw["name"], raw["path"], tuple(raw["group_ext_ids"]))
        for raw in found["org_units"]
    }
    groups = {raw["ext_id"]: raw["code"] for raw in found["org_unit_groups_by_id"].values()}
    sets = {
        raw["ext_id"]: (raw["code"], frozenset(raw["group_ext_ids"])) for raw in found["org_unit_groupsets"]
    }
    return Pyramid(places, groups, sets)
