"""Lint of a programme with 500 indicators: CPU and wall time of a whole process. Run: python bench/lint.py"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

INDICATORS = 500
RUNS = 5


def write_programme(folder: Path, indicators: int = INDICATORS) -> None:
    """A sound programme with as many indicators, as many measures, two datasets and a contract of 50 lines."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "programme.yaml").write_text(_head(), encoding="utf-8")
    (folder / "datasets.yaml").write_text(_datasets(indicators), encoding="utf-8")
    (folder / "measures.yaml").write_text(_measures(indicators), encoding="utf-8")
    (folder / "indicators.yaml").write_text(_indicators(indicators), encoding="utf-8")
    (folder / "contract.yaml").write_text(_contract(50), encoding="utf-8")
    rows = [
        f"C{at:03d},Clinic {at},服务站{at},clinic,D,2000-01-01,{'large' if at % 3 else 'small'}"
        for at in range(300)
    ]
    head = ["unit,name_en,name_zh,level,parent,opened,size", "D,District,区,district,,,"]
    (folder / "units.csv").write_text("\n".join([*head, *rows]) + "\n", encoding="utf-8")


def _head() -> str:
    return """programme:
  code: bench
  title: {en: Bench, zh: 基准}
  levels:
    - {code: district, title: {en: District, zh: 区}}
    - {code: clinic, title: {en: Clinic, zh: 服务站}}
  calendar: {frequencies: [month, quarter, year]}
units: {file: units.csv, attributes: [size]}
"""


def _datasets(count: int) -> str:
    items = "\n".join(
        f"      i{at}: {{min: 0, title: {{en: Item {at}, zh: 指标项{at}}}}}" for at in range(count)
    )
    return f"""datasets:
  visits:
    kind: events
    level: clinic
    date: day
    key: [number]
    columns:
      number: {{type: text, required: true}}
      kind: {{type: category, values: [check, advice]}}
      wait: {{type: integer, min: 0}}
  monthly:
    kind: reports
    level: clinic
    frequency: month
    due: {{days: 5}}
    items:
{items}
"""


def _measures(count: int) -> str:
    lines = ["measures:"]
    for at in range(count):
        title = f"title: {{en: Measure {at}, zh: 计量{at}}}"
        if at % 5 == 0:
            lines.append(
                f"  m{at}: {{dataset: visits, where: \"wait <= {at % 30} AND kind = 'check'\", {title}}}"
            )
        else:
            lines.append(f"  m{at}: {{dataset: monthly, item: i{at}, {title}}}")
    return "\n".join(lines) + "\n"


def _indicators(count: int) -> str:
    found = ["indicators:"]
    for at in range(count):
        other = (at + 1) % count
        numerator = (f"m{at}", f"m{at} + m{other}", f"greatest(m{at} - m{other}, 0)")[at % 3]
        denominator = (f"m{other}", "monthly.received", f"m{at} + coalesce(m{other}, 0) + 1")[at % 3]
        found.append(f"""  n{at}:
    title: {{en: Indicator {at}, zh: 指标{at}}}
    description: {{en: "What indicator {at} says.", zh: "指标{at}的含义。"}}
    numerator: {numerator}
    denominator: {denominator}
    factor: 100
    unit: "%"
    direction: higher
    concerns: service_coverage
    interval: wilson
    compare: [previous, last_year]
    source: Made up for the benchmark""")
    return "\n".join(found) + "\n"


def _contract(lines: int) -> str:
    found = "\n".join(
        f"          - {{code: L{at}, title: {{en: Line {at}, zh: 条款{at}}}, points: 2, indicator: n{at}, "
        f"award: {{kind: proportional, floor: 50, target: 95}}}}"
        for at in range(lines)
    )
    return f"""contracts:
  bench-2025:
    title: {{en: Contract, zh: 责任书}}
    level: clinic
    period: "2025"
    points: {2 * lines}
    sections:
      - code: all
        title: {{en: All, zh: 全部}}
        lines:
{found}
"""


def measure_lint(folder: Path) -> tuple[float, float]:
    """CPU and wall seconds of one process that lints the folder; SystemExit when it finds an error."""
    code = "import sys; from tallymark.programme.load import lint; sys.exit(any(f.severity == 'error' for f in lint(sys.argv[1])))"
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", code, str(folder)], check=False)
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit("the generated programme has errors")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall


def main() -> None:
    """Prints the best of several runs."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "bench"
        write_programme(folder)
        runs = [measure_lint(folder) for _ in range(RUNS)]
    cpu, wall = min(cpu for cpu, _ in runs), min(wall for _, wall in runs)
    print(f"lint of {INDICATORS} indicators: {cpu:.2f} s CPU, {wall:.2f} s wall (best of {RUNS})")


if __name__ == "__main__":
    main()
