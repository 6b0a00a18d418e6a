"""A declared projection from its file to stocks and planning pages."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tallymark.findings import Finding
from tallymark.model.text import Text
from tallymark.population import group_ages
from tallymark.population.arrays import Floats
from tallymark.projection import Plan, Result, load_plan, run_scenarios, write_result
from tallymark.projection.courses import MAIN
from tallymark.publish.geography import outlines
from tallymark.publish.planning import publish_planning
from tallymark.publish.planning_record import Place, Planning

WHOLE = Text("All together", "合计")
ROUGH = 1.25
"""Whipple's index from which ages are rough (125 on the classic scale)."""


@dataclass(frozen=True, slots=True)
class Made:
    """What `plan_ahead` wrote, and how many people there are at the start and the end."""

    findings: tuple[Finding, ...]
    files: tuple[Path, ...]
    pages: int
    units: int
    start: dt.date
    end: dt.date
    first: float
    last: float


def plan_ahead(scenario: Path, out: Path) -> Made:
    """A declared projection run, its stocks, ages and quantiles written to `out`, and pages in both languages.

    Errors: ProgrammeError carries every finding when the scenario file or its tables cannot stand.
    """
    plan = load_plan(scenario)
    result = run_scenarios(plan)
    pages = publish_planning(planning_of(result), out)
    files = write_result(result, out)
    total = result.sums[MAIN][:, :, 0].sum(axis=0)
    return Made(
        findings=plan.findings,
        files=tuple(files),
        pages=pages,
        units=len(plan.units),
        start=plan.dates[0],
        end=plan.dates[-1],
        first=float(total[0]),
        last=float(total[-1]),
    )


def planning_of(result: Result) -> Planning:
    """What the pages tell of a result."""
    plan = result.plan
    groups = {name: title for name, (title, _) in plan.groups.items()}
    if plan.ratios is None:  # change ratios tell people alone
        groups |= {
            "births": Text("Births of the year", "当年出生"),
            "deaths": Text("Deaths of the year", "当年死亡"),
        }
    return Planning(
        title=plan.title,
        description=plan.description,
        years=tuple(day.year for day in plan.dates),
        groups=groups,
        scenarios={name: course.title for name, course in plan.courses.items()},
        whole=_place(result, None),
        places=tuple(_place(result, at) for at in range(len(plan.units))) if len(plan.units) > 1 else (),
        futures=plan.futures if result.futures is not None else 0,
        notes=(*_notes(plan), *_checked(result), *_tried(result)),
        hash=plan.hash,
        outlines=outlines(plan.geometry, plan.geometry_key, plan.units) if plan.geometry else None,
    )


def _place(result: Result, unit: int | None) -> Place:
    """One unit's series; None: all units together."""
    plan, futures = result.plan, result.futures

    def of(values: Floats) -> Floats:
        found: Floats = values.sum(axis=0) if unit is None else values[unit]
        return found

    sums = of(result.sums[MAIN])
    people = of(result.scenarios[MAIN].populations)
    quantiles, bands = {}, None
    if futures is not None:
        around = futures.total if unit is None else futures.quantiles[unit]
        quantiles = {
            name: [around[:, column, level].tolist() for level in range(around.shape[-1])]
            for column, name in enumerate(result.groups)
        }
        last = result.total_bands if unit is None else result.bands[unit]
        bands = np.moveaxis(last, -1, 0).tolist()
    code = "" if unit is None else plan.units[unit]
    return Place(
        code=code,
        title=WHOLE if unit is None else plan.titles.get(code, Text(code, code)),
        sums={name: sums[:, column].tolist() for column, name in enumerate(result.groups)},
        quantiles=quantiles,
        others={name: of(one)[:, 0].tolist() for name, one in result.sums.items() if name != MAIN},
        fives=group_ages(people)[0].tolist(),
        bands=bands,
    )


def _checked(result: Result) -> tuple[Text, ...]:
    """What the back-test shows."""
    plan, said = result.plan, result.said
    if said is None or plan.earlier is None:
        return ()
    counted = plan.population.sum(axis=(-1, -2))
    each = 100 * np.abs(said / counted - 1)
    off = 100 * (said.sum() / counted.sum() - 1)
    first, start = plan.earlier.date, plan.dates[0]
    return (
        Text(
            f"Back-test: from the census of {first} the same rates say {said.sum():,.0f} people on {start}; "
            f"{counted.sum():,.0f} were counted ({off:+.1f} %). Units are off by {np.median(each):.1f} % in the middle "
            f"and {each.max():.1f} % at most.",
            f"回测：以{first}普查为基期、用同样的参数，推得{start}人口{said.sum():,.0f}人，实际{counted.sum():,.0f}人"
            f"（{off:+.1f}%）。各单位误差中位数{np.median(each):.1f}%，最大{each.max():.1f}%。",
        ),
    )


def _ways(plan: Plan) -> list[Text]:
    """How the projection was made."""
    day = plan.dates[0]
    if plan.ratios is not None:
        return [
            Text(
                f"Cohort change ratios (Hamilton–Perry) of two censuses {plan.apart} years apart, from {day}: who "
                "was there then against who is here now, as if it went on. Births, deaths and moves are not told apart.",
                f"队列变化比法（Hamilton–Perry），依据相隔{plan.apart}年的两次普查，自{day}起推算；出生、死亡与迁移不作区分。",
            )
        ]
    step = ("five-year groups and steps", "五岁组、五年一步") if plan.step == 5 else (
        "single years of age and steps of a year", "单岁组、逐年"
    )  # fmt: skip
    found = [
        Text(
            f"Cohort-component method by sex, {step[0]}, from {day}.",
            f"队列要素法，分性别、{step[1]}推算，自{day}起。",
        )
    ]
    if plan.moves is not None:
        found.append(
            Text(
                "Moves between the units are parts of those who live in each; who leaves one arrives in another.",
                "各单位之间的迁移按居住人口的比例推算，迁出即迁入。",
            )
        )
    if plan.history is not None:
        found.append(
            Text(
                f"Rates to come and how far they wander are made from {plan.history.years} years of history.",
                f"未来参数及其波动依据过去{plan.history.years}年的数据。",
            )
        )
    return found


def _tried(result: Result) -> tuple[Text, ...]:
    """What earlier years of the history would have said, beside simple methods."""
    found = []
    for one in result.tried:
        errors = one.median_errors()
        simple = min((value, name) for name, value in errors.items() if name != "forecast" and value == value)
        held = 100 * float(one.covered.mean())
        found.append(
            Text(
                f"Back-test over {one.horizon} years: median error of units {100 * errors['forecast']:.1f} % (best "
                f"simple method, {simple[1].replace('_', '–')}: {100 * simple[0]:.1f} %); 80 % intervals held "
                f"{held:.0f} %.",
                f"{one.horizon}年回测：各单位误差中位数{100 * errors['forecast']:.1f}%（最佳简单方法"
                f"{simple[1].replace('_', '–')}为{100 * simple[0]:.1f}%）；80%区间覆盖{held:.0f}%。",
            )
        )
    return tuple(found)


def _notes(plan: Plan) -> tuple[Text, ...]:
    notes = _ways(plan)
    if plan.whipple is not None:
        rough = [unit for unit, index in zip(plan.units, plan.whipple, strict=True) if index > ROUGH]
        worst = 100 * float(plan.whipple.max())
        notes.append(
            Text(
                f"Ages of the census: Whipple's index is at most {worst:.0f} (100: no preference for 0 and 5); "
                f"over {100 * ROUGH:.0f} in {len(rough)} of {len(plan.units)} units.",
                f"普查年龄质量：惠普尔指数最高{worst:.0f}（100为无尾数偏好）；"
                f"{len(plan.units)}个单位中有{len(rough)}个超过{100 * ROUGH:.0f}。",
            )
        )
    for course in plan.courses.values():
        if course.description:
            notes.append(
                Text(
                    f"{course.title['en']}: {course.description['en']}",
                    f"{course.title['zh']}：{course.description['zh']}",
                )
            )
    if plan.whole is not None:
        notes.append(
            Text(
                "The main scenario is brought to add up to the declared whole.",
                "主方案已调整至与给定总数一致。",
            )
        )
    return tuple(notes)
