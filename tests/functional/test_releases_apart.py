"""Two releases of different data, attacked together by somebody who knows which counts changed in between.

The slow, obvious attack: inner cells are villages × months × sex × attended, then and now; those that did not change
are one unknown, those that did are two. Everything published in either release is an equation.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_matrix, hstack, vstack
from tests.functional.test_release import MONTHS, PROGRAMME, TOWNS, VILLAGES, WHEN, place, spanned, write

import tallymark as tm
from tallymark.publish.disclose import attack, cells_of
from tallymark.releasing import Released, release

PLACES = [
    (v, m, s, k) for v in VILLAGES for m in MONTHS for s in ("male", "female") for k in ("true", "false")
]
Row = dict[str, str]


def births(dice: np.random.Generator) -> list[Row]:
    rows = [
        {
            "unit": village,
            "born_on": f"{month}-{dice.integers(1, 28):02d}",
            "sex": "male" if dice.random() < 0.52 else "female",
            "skilled": "true" if dice.random() < 0.9 else "false",
        }
        for at, village in enumerate(VILLAGES)
        for month in MONTHS
        for _ in range(dice.poisson((2, 9, 30)[at % 3]))
    ]
    return [{"number": str(at), **row} for at, row in enumerate(rows)]


def amounts(rows: list[Row]) -> np.ndarray:
    found = dict.fromkeys(PLACES, 0.0)
    for row in rows:
        found[row["unit"], row["born_on"][:7], row["sex"], row["skilled"]] += 1
    return np.array(list(found.values()))


def later(rows: list[Row], dice: np.random.Generator) -> list[Row]:
    """The same register after a late delivery: in a few villages births were added and others corrected."""
    again = [dict(row) for row in rows]
    for village in dice.choice(VILLAGES, 4, replace=False):
        own = [row for row in again if row["unit"] == village and row["born_on"][:7] == MONTHS[1]]
        for row in own[:2]:
            row["sex"] = "female" if row["sex"] == "male" else "male"
        for _ in range(int(dice.integers(1, 9))):
            again.append(
                {"number": str(len(again)), "unit": str(village), "born_on": f"{MONTHS[1]}-05"}
                | {"sex": "male" if dice.random() < 0.5 else "female", "skilled": "true"}
            )
    return again


def told_apart(dice: np.random.Generator) -> tuple[list[Row], list[Row]]:
    """A town of 3, 5 and 6 births, of which two turn out to be of another town: 14 − 6 and 12 would leave 4."""
    first = [row for row in births(dice) if not row["unit"].startswith("T2")]
    for village, count in zip(("T2V1", "T2V2", "T2V3"), (3, 5, 6), strict=True):
        for at in range(count):
            own = {"number": f"{village}-{at}", "unit": village, "born_on": f"{MONTHS[1]}-05"}
            first.append(own | {"sex": "male" if at % 2 else "female", "skilled": "true"})
    moved = ("T2V3-0", "T2V3-1")
    return first, [{**row, "unit": "T6V3"} if row["number"] in moved else row for row in first]


def released(folder: Path, first: list[Row], second: list[Row]) -> tuple[Released, Released]:
    (folder / "programme").mkdir()
    (folder / "programme" / "small.yaml").write_text(PROGRAMME, encoding="utf-8")
    units = [{"unit": "C", "name": "County", "parent": "", "level": "county"}]
    units += [{"unit": town, "name": town, "parent": "C", "level": "town"} for town in TOWNS]
    units += [{"unit": one, "name": one, "parent": one[:2], "level": "village"} for one in VILLAGES]
    write(folder / "programme" / "units.csv", units)
    programme, store = tm.load(folder / "programme"), tm.open_store(folder / "store")
    made = []
    for number, rows in enumerate((first, second)):
        when = WHEN + dt.timedelta(days=30 * number)
        tm.receive(programme, store, "births", write(folder / f"{number}.csv", rows), received_at=when)
        run = tm.assess(programme, store, contract="q1", made_at=when)
        made.append(release(run, folder / "releases", released_at=when))
    return made[0], made[1]


def published(one: Released) -> list[dict[str, str]]:
    wanted = ("births", "boys", "skilled")
    rows = [row for row in one.table("measures").to_pylist() if row["measure"] in wanted]
    return [row for row in rows if row["period"] in (*MONTHS, "2025-Q1") and row["basis"] != "missing"]


def unknowns(then: np.ndarray, now: np.ndarray) -> tuple[csr_matrix, csr_matrix, np.ndarray]:
    """What takes the unknowns to the inner cells then and now, and the truth of the unknowns."""
    count, changed = len(then), np.flatnonzero(then != now)
    same = csr_matrix(np.diag((then == now).astype(float)))
    own = csr_matrix((np.ones(len(changed)), (changed, np.arange(len(changed)))), shape=(count, len(changed)))
    nothing = csr_matrix(own.shape)
    first = hstack([same, own, nothing]).tocsr()
    second = hstack([same, nothing, own]).tocsr()
    return first, second, np.concatenate([np.where(then == now, then, 0.0), then[changed], now[changed]])


@pytest.mark.parametrize("seed", [1, 2])
def test_two_releases_put_together_give_no_small_count_away(tmp_path: Path, seed: int) -> None:
    dice = np.random.default_rng(seed)
    first = births(dice)
    nothing_given_away(tmp_path, first, later(first, dice))


def test_what_was_left_of_a_town_is_not_told_by_what_it_was_before(tmp_path: Path) -> None:
    nothing_given_away(tmp_path, *told_apart(np.random.default_rng(7)))


def nothing_given_away(folder: Path, first: list[Row], second: list[Row]) -> None:
    one, two = released(folder, first, second)
    inner = [{"unit": v, "month": m, "sex": s, "skilled": k} for v, m, s, k in PLACES]
    then, now, truth = unknowns(amounts(first), amounts(second))
    rows = [published(one), published(two)]
    cells = vstack(
        [
            cells_of(inner, [spanned(row) for row in each]) @ known
            for each, known in zip(rows, (then, now), strict=True)
        ]
    ).tocsr()
    both = [*rows[0], *rows[1]]
    values = np.asarray(cells @ truth)
    hidden = np.array([row["value"] is None for row in both])
    assert [row["value"] for row in both if row["value"] is not None] == values[~hidden].tolist()
    small = hidden & (values > 0) & (values < 5)
    assert small[: len(rows[0])].sum() > 20
    assert small[len(rows[0]) :].sum() > 20
    low, high = attack(cells, values, hidden, small)
    given_away = small & ~(high - low >= 2 - 1e-5)
    said = [(at < len(rows[0]), place(both[at]), low[at], high[at]) for at in np.flatnonzero(given_away)]
    assert not said
