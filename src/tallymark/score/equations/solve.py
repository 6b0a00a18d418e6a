"""Solves a system of named equations: in the order of what depends on what, each shape for all its variables at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tallymark.findings import did_you_mean
from tallymark.score.equations.errors import EquationError
from tallymark.score.equations.functions import DIVISIONS, Floats, Way
from tallymark.score.equations.grammar import NUMBER, program, shape_of

Ints = NDArray[np.int64]
Written = str | float | None


@dataclass(frozen=True, slots=True)
class System:
    """Equations ready to be solved: formula r sets variable `target[r]` from `slots[start[r]:start[r + 1]]`.

    Slots are the variables, in the order given, and after them the numbers written in formulas.
    """

    names: tuple[str, ...]
    values: Floats
    """By slot; NaN where a formula is to set it."""
    target: Ints
    shape: Ints
    shapes: tuple[str, ...]
    start: Ints
    slots: Ints


def solve(equations: Mapping[str, Written], *, division: str = "missing", seed: int = 0) -> dict[str, float]:
    """The value of every variable (NaN = unknown), in the order given.

    `equations`: name → number (None: unknown), or text such as
    `if(a > 0, safe_div(b, a) * 100, max(c, 2))` over other names.
    `division`: `missing` (x ÷ 0 is unknown) or `engine` (as results-based-financing engines do; see
    `functions.py`); `seed` fixes `randbetween`.
    Errors: EquationError for what cannot be read, names that no equation sets, equations that go round in a
    circle, and, with `engine`, a variable that is no finite number.
    """
    if division not in DIVISIONS:
        raise ValueError(f"division {division!r} is not known; use one of {', '.join(DIVISIONS)}")
    system = _read(equations)
    way = Way(division, np.random.default_rng(seed))
    values = _solved(system, equations, way)
    if division == "engine":
        _all_finite(system, values, equations)
    return dict(zip(system.names, values[: len(system.names)].tolist(), strict=True))


def _read(equations: Mapping[str, Written]) -> System:
    names = tuple(equations)
    slot_of = {name: at for at, name in enumerate(names)}
    values = [float("nan")] * len(names)
    target, shape, start, slots = list[int](), list[int](), [0], list[int]()
    shapes: dict[str, int] = {}
    for at, text in enumerate(equations.values()):
        if not isinstance(text, str) or NUMBER.fullmatch(text):
            values[at] = float("nan") if text is None else float(text)
            continue
        outline, leaves = shape_of(text)
        target.append(at)
        shape.append(shapes.setdefault(outline, len(shapes)))
        for leaf in leaves:
            slot = slot_of.get(leaf)
            if slot is None:
                slot = slot_of[leaf] = _literal(leaf, names[at], text, values, names)
            slots.append(slot)
        start.append(len(slots))
    arrays = (np.array(column, np.int64) for column in (target, shape, start, slots))
    targets, of_shape, starts, used = arrays
    return System(names, np.array(values, np.float64), targets, of_shape, tuple(shapes), starts, used)


def _literal(leaf: str, name: str, text: str, values: list[float], names: Sequence[str]) -> int:
    """The new slot of a number written in a formula."""
    if not NUMBER.fullmatch(leaf):
        near = did_you_mean(leaf, names)
        more = f"; did you mean {', '.join(near)}?" if near else ""
        raise EquationError(f"{name} = {_short(text)}: no equation sets '{leaf}'{more}")
    values.append(float(leaf))
    return len(values) - 1


def _solved(system: System, equations: Mapping[str, Written], way: Way) -> Floats:
    """Values of all slots. Each round evaluates the formulas whose slots have all become known."""
    values = system.values.copy()
    wanting = np.isin(system.slots, system.target)
    row_of_use = np.repeat(np.arange(len(system.target)), np.diff(system.start))
    waiting = np.bincount(row_of_use[wanting], minlength=len(system.target))
    users = _Users(system.slots[wanting], row_of_use[wanting], len(values))
    for shape in system.shapes:
        _checked(shape, system, equations)
    ready, done = np.flatnonzero(waiting == 0), 0
    with np.errstate(all="ignore"):
        while len(ready):
            for rows in _by_shape(ready, system.shape):
                values[system.target[rows]] = _evaluated(system, values, rows, way)
            done += len(ready)
            freed, times = np.unique(users.of(system.target[ready]), return_counts=True)
            waiting[freed] -= times
            ready = freed[waiting[freed] == 0]
    if done < len(system.target):
        raise EquationError(_circle(system, np.flatnonzero(waiting > 0)))
    return values


def _evaluated(system: System, values: Floats, rows: Ints, way: Way) -> Floats:
    first = rows[0]
    slots = system.slots[
        system.start[rows][:, None] + np.arange(system.start[first + 1] - system.start[first])
    ]
    columns = tuple(values[slots].T)
    found = program(system.shapes[system.shape[first]])(way, columns)
    return np.broadcast_to(found, rows.shape)


def _by_shape(rows: Ints, shape: Ints) -> Iterator[Ints]:
    """Rows of one shape together."""
    order = rows[np.argsort(shape[rows], kind="stable")]
    edges = np.flatnonzero(np.diff(shape[order])) + 1
    return iter(np.split(order, edges))


class _Users:
    """Which formulas use a variable, once for every use."""

    def __init__(self, slots: Ints, rows: Ints, size: int) -> None:
        self.rows = rows[np.argsort(slots, kind="stable")]
        self.start = np.concatenate([[0], np.cumsum(np.bincount(slots, minlength=size))])

    def of(self, variables: Ints) -> Ints:
        counts = self.start[variables + 1] - self.start[variables]
        skip = np.repeat(self.start[variables] - (np.cumsum(counts) - counts), counts)
        found: Ints = self.rows[np.arange(len(skip)) + skip]
        return found


def _checked(shape: str, system: System, equations: Mapping[str, Written]) -> None:
    """Reads a shape; what is wrong is told with the first equation that has it."""
    try:
        program(shape)
    except EquationError as error:
        row = int(np.flatnonzero(system.shape == system.shapes.index(shape))[0])
        name = system.names[system.target[row]]
        raise EquationError(f"{name} = {_short(str(equations[name]))}: {error}") from None


def _circle(system: System, rows: Ints) -> str:
    """A circle among the equations that could not be solved, the shortest told way round it."""
    row_of = {int(system.target[row]): int(row) for row in rows}
    at, seen = next(iter(row_of)), dict[int, int]()
    while at not in seen:
        seen[at] = len(seen)
        row = row_of[at]
        used = system.slots[system.start[row] : system.start[row + 1]].tolist()
        at = next(slot for slot in used if slot in row_of)
    path = [*list(seen)[seen[at] :], at]
    told = [system.names[slot] for slot in path]
    if len(told) > 8:
        told = [*told[:4], f"… {len(told) - 7} more …", *told[-3:]]
    return "the equations go round in a circle: " + " → ".join(told) + "; one of them must not use the next"


def _all_finite(system: System, values: Floats, equations: Mapping[str, Written]) -> None:
    wrong = np.flatnonzero(~np.isfinite(values[: len(system.names)]))
    if len(wrong):
        name = system.names[int(wrong[0])]
        others = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
        raise EquationError(
            f"{name} = {_short(str(equations[name]))} is {values[wrong[0]]:g}{others}: something is divided by 0; "
            "use safe_div, or division='missing' to have it unknown"
        )


def _short(text: str) -> str:
    said = " ".join(text.split())
    return said if len(said) <= 120 else said[:117] + "…"
