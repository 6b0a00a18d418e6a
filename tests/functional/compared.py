"""A small programme whose figures are compared: standardised rates, groups, years; and its files."""

from __future__ import annotations

from pathlib import Path

PROGRAMME = """
programme:
  code: compared
  title: {en: Compared, zh: 比较}
  levels:
    - {code: district, title: {en: District, zh: 区}}
    - {code: clinic, title: {en: Clinic, zh: 站}}
  calendar: {frequencies: [year]}
units:
  rows:
    - {unit: D, name_en: Dale, name_zh: 戴尔, level: district}
    - {unit: C1, name_en: Ash, name_zh: 阿什, level: clinic, parent: D}
    - {unit: C2, name_en: Birch, name_zh: 伯奇, level: clinic, parent: D}
datasets:
  yearly:
    title: {en: Yearly report, zh: 年报}
    kind: reports
    frequency: year
    level: clinic
    items: {ill: {}, asked: {}, served: {}}
    columns:
      age: {type: category, title: {en: age group, zh: 年龄组}, values: [0-39, 40-69, 70+]}
      stay: {type: category, title: {en: residence, zh: 居住}, values: [residents, migrants]}
    breakdowns: [age, stay]
  people:
    title: {en: People, zh: 人口}
    kind: stocks
    level: clinic
    items: {people: {}}
    columns:
      age: {type: category, values: [0-39, 40-69, 70+]}
    breakdowns: [age]
measures:
  ill: {dataset: yearly, item: ill, title: {en: Long waits, zh: 久候}}
  asked: {dataset: yearly, item: asked, title: {en: Asked, zh: 申请}}
  served: {dataset: yearly, item: served, title: {en: Served, zh: 已办}}
  people: {dataset: people, item: people, over_time: last, title: {en: People, zh: 人口}}
indicators:
  waits:
    title: {en: Long waits by age, zh: 久候率}
    numerator: ill
    denominator: people
    factor: 1000
    unit: {en: per 1 000, zh: 千分之}
    direction: lower
    concerns: service_quality
    standardise: {breakdown: age, standard: {0-39: 5, 40-69: 3, 70+: 2}}
  served_share:
    title: {en: Requests served, zh: 办结率}
    numerator: served
    denominator: asked
    factor: 100
    unit: "%"
    direction: higher
    concerns: service_coverage
    interval: wilson
    GAPS
contracts:
  care-2025:
    title: {en: Care, zh: 照护}
    level: clinic
    period: "2025"
    points: 100
    sections:
      - code: s
        title: {en: Service, zh: 服务}
        lines:
          - {code: waits, title: {en: Long waits, zh: 久候}, points: 60, indicator: waits, award: {kind: proportional, floor: 60, target: 0}}
          - {code: served, title: {en: Served, zh: 办结}, points: 40, indicator: served_share, award: {kind: proportional, floor: 1, target: 100}}
"""
PEOPLE = {"C1": (1000, 500, 100), "C2": (500, 500, 400)}
ILL = {"C1": (2, 5, 5), "C2": (1, 5, 20)}
ASKED = {("C1", "residents"): (200, 180), ("C1", "migrants"): (100, 60), ("C2", "residents"): (50, 45), ("C2", "migrants"): (50, 44)}  # fmt: skip
BEFORE = {("C1", "residents"): (200, 150), ("C1", "migrants"): (100, 52), ("C2", "residents"): (50, 45), ("C2", "migrants"): (50, 46)}  # fmt: skip
AGES = ("0-39", "40-69", "70+")


def written(folder: Path, *, gaps: str = "", lost: tuple[str, str] | None = None) -> Path:
    """The programme and its files in a folder; `lost`: clinic and age whose long waits were not reported."""
    programme = folder / "compared"
    programme.mkdir(parents=True)
    (programme / "programme.yaml").write_text(PROGRAMME.replace("GAPS", gaps), encoding="utf-8")
    people = [
        f"{unit},2024-01-01,people,{age},{n}"
        for unit, ns in PEOPLE.items()
        for age, n in zip(AGES, ns, strict=True)
    ]
    (folder / "people.csv").write_text(
        "unit,date,item,age,value\n" + "\n".join(people) + "\n", encoding="utf-8"
    )
    lines = [
        f"{unit},2025,ill,{age},,{x}"
        for unit, xs in ILL.items()
        for age, x in zip(AGES, xs, strict=True)
        if (unit, age) != lost
    ]
    for year, counts in (("2024", BEFORE), ("2025", ASKED)):
        for (unit, stay), (asked, served) in counts.items():
            lines += [f"{unit},{year},asked,,{stay},{asked}", f"{unit},{year},served,,{stay},{served}"]
    (folder / "yearly.csv").write_text(
        "unit,period,item,age,stay,value\n" + "\n".join(lines) + "\n", encoding="utf-8"
    )
    return programme
