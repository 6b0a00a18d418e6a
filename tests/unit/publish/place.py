"""A small declared programme for the tests of publishing: awkward codes, hostile names, every kind of award."""

from __future__ import annotations

import csv
from pathlib import Path

from tallymark.programme.load import load
from tallymark.programme.resolved import Programme

EVIL = '<script>alert("x")</script>'
AWKWARD = ("a/b", "A/B", "con", "..", "东乡", "Ünit 7", "t.8", "T 9", "T10", "t10", "x" * 70)
"""Codes that would meet, escape the folder or be refused by some file system if they were file names."""

PROGRAMME = """
programme:
  code: small
  title: {en: "Small & neat", zh: 小项目}
  description: {en: "Made for tests <b>only</b>.", zh: 仅供测试。}
  publisher: {en: Test office, zh: 测试办公室}
  contact: {en: "Write to the test desk.", zh: 请联系测试窗口。}
  levels:
    - {code: region, title: {en: Region, zh: 大区}}
    - {code: town, title: {en: Town, zh: 乡镇}}
    - {code: village, title: {en: Village, zh: 村}}
  calendar:
    years: {SY: {start_month: 10, named_by: end, title: {en: Statistical year, zh: 统计年度}}}
    frequencies: [month, quarter, SY]
units:
  file: units.csv
  attributes: [size]
"""
DATA = """
datasets:
  monthly:
    title: {en: Monthly report, zh: 月报}
    kind: reports
    level: village
    frequency: month
    due: {days: 10}
    items:
      asked: {title: {en: Requests, zh: 申请}}
      served: {title: {en: Requests served, zh: 已办}}
      marks: {type: number, title: {en: Mark, zh: 评分}}
      fees: {title: {en: Unlawful fees proven, zh: 查实乱收费}}
      residents: {title: {en: Residents, zh: 居民}}
      babies: {title: {en: Births, zh: 出生}}
      done_on: {type: date, title: {en: Done on, zh: 完成日}}
  register:
    title: {en: Register of visits, zh: 访视登记册}
    kind: events
    level: village
    date: seen_on
    key: [visit]
    purpose: Care that was asked for.
    columns:
      visit: {type: text, required: true, sensitivity: personal}
      unit: {type: unit, required: true}
      seen_on: {type: date, required: true}
      phone: {type: text, sensitivity: personal}
measures:
  asked: {dataset: monthly, item: asked, title: {en: Requests, zh: 申请数}}
  served: {dataset: monthly, item: served, title: {en: Requests served, zh: 办结数}}
  marks: {dataset: monthly, item: marks, over_time: average, title: {en: Marks, zh: 评分}}
  fees: {dataset: monthly, item: fees, title: {en: Unlawful fees proven, zh: 查实乱收费}}
  residents: {dataset: monthly, item: residents, over_time: last, title: {en: Residents, zh: 居民}}
  babies: {dataset: monthly, item: babies, title: {en: Births, zh: 出生数}}
  done_on: {dataset: monthly, item: done_on, over_time: last, title: {en: Done on, zh: 完成日}}
  visits: {dataset: register, title: {en: Visits, zh: 访视人次}}
indicators:
  served_share: {title: {en: Requests served, zh: 申请办结率}, description: {en: "Of those who <i>asked</i>.", zh: 以申请人为分母。}, numerator: served, denominator: asked, factor: 100, unit: "%", direction: higher, concerns: service_coverage, interval: wilson, shrink: beta-binomial, too_small: {cases: 5}, source: Test}
  served_late: {title: {en: Requests left, zh: 未办结率}, numerator: asked - served, denominator: asked, factor: 100, unit: "%", direction: lower, concerns: timeliness, interval: wilson}
  reports_in: {title: {en: Reports received, zh: 月报上报率}, numerator: monthly.received, denominator: monthly.expected, factor: 100, unit: "%", direction: higher, concerns: completeness, interval: wilson}
  mark: {title: {en: Inspectors' mark, zh: 检查评分}, numerator: marks, unit: {en: of 100, zh: 分}, direction: higher, concerns: service_quality}
  fee_cases: {title: {en: Unlawful fees proven, zh: 查实乱收费}, numerator: fees, decimals: 0, unit: {en: cases, zh: 件}, direction: lower, concerns: redress, interval: poisson}
  visits_rate: {title: {en: Visits per 1 000 residents, zh: 每千人访视}, numerator: visits, denominator: residents, factor: 1000, unit: {en: "per 1 000", zh: ‰}, direction: higher, concerns: service_coverage, annualise: true}
  done_day: {title: {en: Corrections done, zh: 整改完成日}, numerator: done_on, decimals: 0, direction: lower, concerns: timeliness}
  babies_born: {title: {en: Births, zh: 出生数}, numerator: babies, decimals: 0, direction: none, concerns: births}
  boys_share: {title: {en: Births of all requests, zh: 出生占比}, numerator: babies, denominator: asked, factor: 100, unit: "%", direction: none, concerns: sex_ratio, interval: wilson}
checks:
  served_within: {title: {en: More served than asked, zh: 办结多于申请}, expect: served <= asked, level: village, severity: error}
contracts:
  small-2025:
    title: {en: "Small contract 2025", zh: 2025年小责任书}
    parties: {en: The office and the towns, zh: 办公室与乡镇}
    level: town
    period: SY2025
    points: 100
    amendments: [{on: 2025-03-03, reason: {en: "A <court> asked for it", zh: 依法院要求}, lines: [S1]}]
    sections:
      - code: services
        title: {en: "Services <asked for>", zh: 群众所需服务}
        lines:
          - {code: S1, title: {en: Requests served, zh: 申请办结}, points: 40, indicator: served_share, award: {kind: proportional, floor: 50, target: 95}, uncertain: benefit_of_doubt}
          - {code: S2, title: {en: Requests left, zh: 未办结}, points: 20, indicator: served_late, award: {kind: bands, bands: [{bound: 10, share: 1}, {bound: 30, share: 0.5}]}}
      - code: reporting
        title: {en: Reporting, zh: 报送工作}
        lines:
          - {code: R1, title: {en: Reports received, zh: 月报上报}, points: 20, indicator: reports_in, award: {kind: all_or_nothing, target: 90}, missing: set_aside}
          - {code: R2, title: {en: Mark, zh: 评分}, points: 10, indicator: mark, award: {kind: mark, out_of: 100}}
          - {code: R3, title: {en: Visits, zh: 访视}, points: 10, indicator: visits_rate, award: {kind: improvement, over: last_year, floor: 0, target: 50}, when: "size = 'large'"}
    bonus:
      cap: 2
      lines:
        - {code: B1, title: {en: Bonus, zh: 加分项}, points: 2, indicator: served_share, award: {kind: all_or_nothing, target: 99}}
    deductions:
      - {code: D1, title: {en: Unlawful fees proven, zh: 查实乱收费}, indicator: fee_cases, each: 0.5, most: 3}
    gates:
      - {code: G1, title: {en: Too few reports, zh: 上报率过低}, when: reports_in < 20, effect: cap, cap: 60, reason: {en: Too little came in., zh: 上报太少。}, appeal: {en: Send them within 30 days., zh: 30日内补报。}}
    ranking: {ties: min, intervals: stepdown, group: 2, wrong_orders: 0.2, weights: 0.25}
    grades:
      - {code: A, title: {en: Good, zh: 良好}, bound: 80}
      - {code: C, title: {en: Needs help, zh: 待帮扶}, bound: 0}
    commend: 2
"""


def small_programme(folder: Path, *, villages: int = 3, codes: tuple[str, ...] = AWKWARD) -> Programme:
    """The programme written to a folder and loaded: a region, towns with awkward codes, villages."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "programme.yaml").write_text(PROGRAMME, encoding="utf-8")
    (folder / "rules.yaml").write_text(DATA, encoding="utf-8")
    rows = [
        ["unit", "name_en", "name_zh", "parent", "level", "size"],
        ["top", "North", "北区", "", "region", ""],
    ]
    for i, code in enumerate(codes):
        name = f"{EVIL} {i}" if i == 0 else f"Town {chr(65 + i)} & co"
        rows.append(
            [
                code,
                name,
                f"{chr(0x7532 + i)}镇{'<b>' if i == 1 else ''}",
                "top",
                "town",
                "large" if i % 2 else "small",
            ]
        )
        rows += [
            [f"{code}|v{j}", f"Village {i}.{j}", f"{i}之{j}村", code, "village", ""] for j in range(villages)
        ]
    with (folder / "units.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return load(folder)
