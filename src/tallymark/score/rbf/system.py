"""Builds the system of equations that a results-based-financing project means for one main unit and one period.

Every formula becomes one equation for each unit, activity and period it applies to; names follow that engine
(`package_activity_state_for_unit_and_period`) so that its answers and ours can be laid side by side.
An input without a value counts as 0 there, and so here: this reproduces another engine, it is not our own rule.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from tallymark.errors import ProgrammeError
from tallymark.score.rbf.project import Activity, Formula, Package, Payment, Place, Project, Pyramid

NAME = re.compile(r"%\{(?P<list>\w+)\}|(?P<name>[A-Za-z_]\w*)(?!\w*\()")
SPANS = ("_current_quarter_monthly_values", "_current_quarter_values")
LENGTHS = {"monthly": 1, "quarterly": 3, "yearly": 12}


@dataclass(frozen=True, slots=True)
class Output:
    """A result that the project publishes: which equation, as which data element, for whom and when."""

    name: str
    element: str
    unit: str
    period: str


@dataclass(frozen=True, slots=True)
class System:
    """Equations by name, and which of them are published."""

    equations: Mapping[str, str]
    outputs: tuple[Output, ...]


@dataclass(slots=True)
class _Making:
    """Equations on their way: inputs wait until the end, since another equation may publish what they read."""

    equations: dict[str, str] = field(default_factory=dict)
    inputs: dict[str, tuple[str, str, str | None]] = field(default_factory=dict)
    outputs: list[Output] = field(default_factory=list)

    def publish(
        self, formula: Formula, name: str, unit: str, period: str, activity: str | None = None
    ) -> None:
        """Notes an equation as published where the project maps it to a data element."""
        element = formula.elements.get(activity or "") or (formula.element if activity is None else None)
        if element:
            self.outputs.append(Output(name, element, unit, containing(period, formula.frequency)))


def build_system(
    project: Project,
    pyramid: Pyramid,
    *,
    unit: str,
    period: str,
    values: Mapping[tuple[str, str, str], float],
) -> System:
    """Every equation that the project means for a main unit and a period such as `2018Q1`.

    `values`: (data element, unit, period) → number; inputs that are not there are what the project publishes
    under the same data element, else 0.
    """
    if unit not in pyramid.places:
        raise ProgrammeError(f"the pyramid has no unit '{unit}'")
    making = _Making()
    taken = {}
    for package in project.packages:
        units = units_of(package, pyramid, pyramid.places[unit])
        if units:
            taken[package.code] = (package, units)
            for when in within(period, package.frequency):
                _package(making, package, units, pyramid, when)
    for payment in project.payments:
        if all(code in taken for code in payment.packages):
            _payment(making, payment, [taken[code] for code in payment.packages], period)
    _settle_inputs(making, values)
    return System(making.equations, _first_of_each(making.outputs))


def units_of(package: Package, pyramid: Pyramid, main: Place) -> tuple[Place, ...]:
    """The main unit and those the package counts with it; none when the package is not for the main unit's groups."""
    if not package.groups & set(main.groups):
        return ()
    if package.kind == "single":
        return (main,)
    if package.kind == "zone" and package.targets:
        inside = [place for place in _in_groups(pyramid, package.targets) if place.path.startswith(main.path)]
    else:
        shared = set(main.groups) & pyramid.groupsets[package.groupset or ""][1]
        inside = _in_groups(pyramid, frozenset(shared))
    return (main, *(place for place in inside if place.unit != main.unit))


def _in_groups(pyramid: Pyramid, groups: frozenset[str]) -> list[Place]:
    return [place for place in pyramid.places.values() if groups & set(place.groups)]


def counted(package: Package, units: tuple[Place, ...]) -> tuple[Place, ...]:
    """Units for which the package's own formulas are made: the others in a zone, the main one in a subcontract."""
    if package.kind == "zone":
        return units if package.with_main else units[1:]
    return units[:1]


# ---- periods: 2018, 2018Q1, 201801


def within(period: str, frequency: str) -> tuple[str, ...]:
    """Periods of a frequency inside a period, or the one that contains it."""
    year, first, length = _span(period)
    size = LENGTHS[frequency]
    if size >= length:
        return (_code(year, first - first % size, size),)
    return tuple(_code(year, month, size) for month in range(first, first + length, size))


def containing(period: str, frequency: str | None) -> str:
    """The period that a formula with its own frequency is published for."""
    return within(period, frequency)[-1] if frequency else period


def _span(period: str) -> tuple[int, int, int]:
    """Year, first month (from 0), months."""
    if "Q" in period:
        return int(period[:4]), 3 * (int(period[5:]) - 1), 3
    if len(period) == 6:
        return int(period[:4]), int(period[4:]) - 1, 1
    return int(period), 0, 12


def _code(year: int, month: int, size: int) -> str:
    return {1: f"{year}{month + 1:02d}", 3: f"{year}Q{month // 3 + 1}", 12: str(year)}[size]


# ---- names


def _key(code: str, unit: str, period: str) -> str:
    return f"{code}_for_{unit}_and_{period.lower()}"


def _replace(expression: str, of_name: Callable[[str], str], of_list: Callable[[str], str]) -> str:
    def put(found: re.Match[str]) -> str:
        return of_list(found["list"]) if found["list"] else of_name(found["name"])

    return NAME.sub(put, expression)


def _codes(package: Package, kind: str) -> set[str]:
    return {formula.code for formula in package.formulas.get(kind, ())}


# ---- packages


def _package(
    making: _Making, package: Package, units: tuple[Place, ...], pyramid: Pyramid, period: str
) -> None:
    places = counted(package, units)
    for activity in package.activities:
        if package.kind == "subcontract":
            _subcontract(making, package, activity, units, pyramid, period)
        for place in places:
            for formula in package.formulas.get("activity", ()):
                _activity_formula(making, package, activity, formula, (units[0], place), period)
    for place in places:
        for formula in package.formulas.get("package", ()):
            _package_formula(making, package, formula, place, period)
    for formula in package.formulas.get("zone", ()):
        _zone_formula(making, package, formula, units, period)


def _state(making: _Making, package: Package, activity: Activity, state: str, unit: str, period: str) -> str:
    """What an activity's state is called in an equation: its constant, or an input that is noted."""
    plain = state.removesuffix("_zone_main_orgunit").removesuffix("_raw")
    found = next((each for each in activity.states if each.name == plain), None)
    if found and found.constant is not None:
        return found.constant
    name = _key(f"{package.code}_{activity.code}_{state}", unit, period)
    if name not in making.equations:
        making.inputs[name] = (unit, period, found.element if found else None)
    return name


def _subcontract(
    making: _Making,
    package: Package,
    activity: Activity,
    units: tuple[Place, ...],
    pyramid: Pyramid,
    period: str,
) -> None:
    """States of the main unit as sums over the units that the decision table lets in."""
    chosen = [place for place in units if _summed(package, pyramid, place, activity)]
    prefix = f"{package.code}_{activity.code}"
    for state in package.states:
        parts = [_state(making, package, activity, f"{state}_raw", place.unit, period) for place in chosen]
        constant = any(each.name == state and each.constant is not None for each in activity.states)
        total = (parts or ["0"])[0] if constant else f"sum({', '.join(parts) or '0'})"
        making.equations[_key(f"{prefix}_{state}", units[0].unit, period)] = total
    for count, size in (("org_units_count", len(units)), ("org_units_sum_if_count", len(chosen))):
        making.equations[_key(f"{prefix}_{count}", units[0].unit, period)] = str(size)


def _summed(package: Package, pyramid: Pyramid, place: Place, activity: Activity) -> bool:
    facts = _facts(pyramid, place) | {"activity_code": activity.code}
    for table in package.decisions.get("entities_aggregation", ()):
        row = next((row for row in table.rows if _matches(row, facts)), None)
        if row is None:
            raise ProgrammeError(
                f"package {package.code}: no row of its decision table fits unit {place.unit}"
            )
        if row.get("out:sum_if", "true") != "true":
            return False
    return True


def _matches(row: Mapping[str, str], facts: Mapping[str, str]) -> bool:
    wanted = {name.removeprefix("in:"): value for name, value in row.items() if name.startswith("in:")}
    return all(value in ("*", facts.get(name)) for name, value in wanted.items())


def _facts(pyramid: Pyramid, place: Place) -> dict[str, str]:
    """`groupset_code_<set>` → group, and `level_<n>` → ancestor."""
    ancestors = [part for part in place.path.split("/") if part]
    facts = {f"level_{depth}": part for depth, part in enumerate(ancestors, 1)} | {
        "level": str(len(ancestors))
    }
    for group in place.groups:
        for code, members in pyramid.groupsets.values():
            if group in members:
                facts[f"groupset_code_{code}"] = pyramid.groups[group]
    return facts


def _activity_formula(
    making: _Making,
    package: Package,
    activity: Activity,
    formula: Formula,
    places: tuple[Place, Place],
    period: str,
) -> None:
    main, place = places
    own, shared = _codes(package, "activity"), _codes(package, "package")
    prefix = f"{package.code}_{activity.code}"

    def of_name(name: str) -> str:
        if name in shared and name not in own:
            return _key(f"{package.code}_{name}", place.unit, period)
        whole = _key(f"{prefix}_{name}", place.unit, period)
        if name in own or whole in making.equations:
            return whole
        unit = main.unit if name.endswith("_zone_main_orgunit") else place.unit
        return _state(making, package, activity, name, unit, period)

    def of_list(name: str) -> str:
        span = next((each for each in SPANS if name.endswith(each)), None)
        if span is None:
            raise ProgrammeError(
                f"package {package.code}: formula {formula.code}: list %{{{name}}} is not supported"
            )
        months = within(within(period, "quarterly")[0], "monthly")
        return ", ".join(_key(f"{prefix}_{name.removesuffix(span)}", place.unit, month) for month in months)

    name = _key(f"{prefix}_{formula.code}", place.unit, period)
    making.equations[name] = _replace(formula.expression, of_name, of_list)
    making.publish(formula, name, place.unit, period, activity.code)


def _package_formula(making: _Making, package: Package, formula: Formula, place: Place, period: str) -> None:
    zones = _codes(package, "zone")

    def of_name(name: str) -> str:
        return (
            f"{name}_for_{period.lower()}"
            if name in zones
            else _key(f"{package.code}_{name}", place.unit, period)
        )

    def of_list(name: str) -> str:
        code = name.removesuffix("_values")
        return ", ".join(
            _key(f"{package.code}_{each.code}_{code}", place.unit, period) for each in package.activities
        )

    name = _key(f"{package.code}_{formula.code}", place.unit, period)
    making.equations[name] = _replace(formula.expression, of_name, of_list)
    making.publish(formula, name, place.unit, period)


def _zone_formula(
    making: _Making, package: Package, formula: Formula, units: tuple[Place, ...], period: str
) -> None:
    def of_list(name: str) -> str:
        code = name.removesuffix("_values")
        return ", ".join(
            _key(f"{package.code}_{code}", place.unit, period) for place in counted(package, units)
        )

    name = f"{formula.code}_for_{period.lower()}"
    making.equations[name] = _replace(
        formula.expression, lambda each: f"{each}_for_{period.lower()}", of_list
    )
    making.publish(formula, name, units[0].unit, period)


# ---- payments


def _payment(
    making: _Making, payment: Payment, taken: list[tuple[Package, tuple[Place, ...]]], period: str
) -> None:
    places = dict.fromkeys(place for package, units in taken for place in counted(package, units))
    for place in places:
        for when in within(period, payment.frequency):
            for formula in payment.formulas:
                name = _key(f"{payment.code}_{formula.code}", place.unit, when)
                names = dict(_payment_names(payment, taken, place, when))
                making.equations[name] = _replace(formula.expression, _looked_up(names), _no_list(payment))
                making.publish(formula, name, place.unit, when)


def _looked_up(names: Mapping[str, str]) -> Callable[[str], str]:
    return lambda name: names.get(name, name)


def _no_list(payment: Payment) -> Callable[[str], str]:
    def of_list(name: str) -> str:
        raise ProgrammeError(f"payment {payment.code}: list %{{{name}}} is not supported")

    return of_list


def _payment_names(
    payment: Payment, taken: list[tuple[Package, tuple[Place, ...]]], place: Place, period: str
) -> Iterator[tuple[str, str]]:
    for package, _ in taken:
        for formula in package.formulas.get("package", ()):
            keys = [
                _key(f"{package.code}_{formula.code}", place.unit, when)
                for when in within(period, package.frequency)
            ]
            yield formula.code, keys[0] if len(keys) == 1 else f"sum({', '.join(keys)})"
    for own in payment.formulas:
        yield own.code, _key(f"{payment.code}_{own.code}", place.unit, period)


# ---- inputs and outputs


def _settle_inputs(making: _Making, values: Mapping[tuple[str, str, str], float]) -> None:
    """Inputs that the project itself publishes follow that equation; the others take their value, or 0."""
    published = {(each.element, each.unit, each.period): each.name for each in making.outputs}
    for name, (unit, period, element) in making.inputs.items():
        place = (element or "", unit, period)
        making.equations[name] = published.get(place) or repr(float(values.get(place, 0.0)))


def _first_of_each(outputs: list[Output]) -> tuple[Output, ...]:
    """One output for each data element, unit and period: three months publish the same quarter's value."""
    found: dict[tuple[str, str, str], Output] = {}
    for output in outputs:
        found.setdefault((output.element, output.unit, output.period), output)
    return tuple(found.values())
