"""The site as a whole: complete, linked, escaped, small, explained, the same every time."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from html import unescape
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.unit.publish.fabricate import MadeUp, made_up
from tests.unit.publish.place import AWKWARD, EVIL, small_programme
from tests.unit.publish.reading_html import Page, pages_of, targets_of

from tallymark.errors import TallymarkError
from tallymark.model.tables import TABLES
from tallymark.programme.resolved import Programme
from tallymark.publish import plan as planning
from tallymark.publish import publish
from tallymark.publish.facts import read_facts
from tallymark.publish.html import MOST_BYTES
from tallymark.publish.plan import make_plan

SECRET = "Wang Fang 138"


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Page]:
    return pages_of(site)


def test_every_page_exists_in_both_languages(site: Path) -> None:
    english = {path.relative_to(site / "en") for path in (site / "en").rglob("*.html")}
    chinese = {path.relative_to(site / "zh") for path in (site / "zh").rglob("*.html")}
    assert english == chinese
    names = {path.as_posix() for path in english}
    assert {"index.html", "scorecard.html", "ranks.html", "units.html", "indicators.html", "verification.html", "findings.html",
            "methods.html", "data.html"} <= names  # fmt: skip


def test_no_page_is_larger_than_allowed(site: Path) -> None:
    assert max(path.stat().st_size for path in site.rglob("*.html")) <= MOST_BYTES
    assert all((site / "assets" / name).stat().st_size < 40_000 for name in ("site.css", "site.js"))


def test_every_link_leads_somewhere(site: Path, pages: dict[Path, Page]) -> None:
    known = {path.resolve(): page for path, page in pages.items()}
    broken = [
        f"{path.relative_to(site)} → {href}"
        for path, page in pages.items()
        for href, file, fragment in targets_of(path, page)
        if not (file.is_file() and (not fragment or file not in known or fragment in known[file].ids))
    ]
    assert not broken


def test_nothing_is_loaded_from_elsewhere(site: Path, pages: dict[Path, Page]) -> None:
    for path, page in pages.items():
        assert all(not re.match(r"(?:[a-z]+:)?//", load) for load in page.loads), path
        assert all((path.parent / load).resolve().is_file() for load in page.loads), path
        assert all(not re.match(r"[a-z]+:", href) for href, _, _ in page.links), path
    for asset in (site / "assets").iterdir():
        text = re.sub(r'xmlns="[^"]*"', "", asset.read_text(encoding="utf-8"))
        assert "//" not in re.sub(r"/\*.*?\*/", "", text, flags=re.S).replace('"//', "")
        assert "url(" not in text
        assert "@import" not in text


def test_names_are_escaped_everywhere(site: Path) -> None:
    for path in site.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert "<script>alert" not in text
        assert "<b>only</b>" not in text
        assert "<i>asked</i>" not in text
        scripts = set(re.findall(r'<script src="([^"]*)" defer>|<script[^>]*>', text))
        assert scripts <= {"../assets/site.js", "../../assets/site.js"}
    assert EVIL in pages_of(site / "en")[site / "en" / "units.html"].text


def test_ids_are_unique_and_headings_in_order(pages: dict[Path, Page]) -> None:
    for path, page in pages.items():
        assert not page.doubled, path
        levels = [level for level, _ in page.headings]
        assert levels.count(1) == 1, path
        assert levels[0] == 1, path
        assert all(after - before <= 1 for before, after in pairwise(levels)), (
            path,
            levels,
        )
        assert all(text.strip() for _, text in page.headings), path


def test_pages_say_their_language_and_lead_to_the_other(pages: dict[Path, Page], site: Path) -> None:
    for path, page in pages.items():
        if path.parent == site:
            continue
        language = path.relative_to(site).parts[0]
        html = next(values for tag, values in page.tags if tag == "html")
        assert html["lang"] == {"en": "en", "zh": "zh-Hans"}[language]
        other = next(href for href, _, text in page.links if text in ("中文", "English"))
        assert (path.parent / other).resolve() == Path(
            str(path.resolve()).replace(f"/{language}/", f"/{'zh' if language == 'en' else 'en'}/")
        )


def test_tables_have_captions_and_headings_with_scope(pages: dict[Path, Page]) -> None:
    for path, page in pages.items():
        tags = [tag for tag, _ in page.tags]
        assert tags.count("table") == tags.count("caption"), path
        assert all(values.get("scope") for tag, values in page.tags if tag == "th"), path


def test_the_same_run_gives_the_same_bytes(run: MadeUp, site: Path, tmp_path: Path) -> None:
    again = publish(run, tmp_path / "again").path
    assert fingerprint(again) == fingerprint(site)


def test_the_order_of_rows_changes_no_page(programme: Programme, tmp_path: Path) -> None:
    first = made_up(programme, "small-2025", months=False)
    turned = replace(
        first,
        tables={
            name: table.take(pa.array(range(table.num_rows - 1, -1, -1), pa.int64()))
            for name, table in first.tables.items()
            if name not in ("findings",)
        }
        | {"findings": first.tables["findings"]},
    )
    one = fingerprint(publish(first, tmp_path / "one").path)
    other = fingerprint(publish(turned, tmp_path / "other").path)
    assert {name for name in one if name.endswith(".html") and one[name] != other[name]} == set()


def fingerprint(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_every_figure_of_the_scorecard_leads_to_its_explanation(
    site: Path, pages: dict[Path, Page], run: MadeUp
) -> None:
    page = pages[site / "en" / "scorecard.html"]
    figures = [(href, text) for href, css, text in page.links if css.startswith("fig")]
    assert len(figures) == run.tables["scores"].num_rows + run.tables["totals"].num_rows
    for href, _ in figures:
        file, _, fragment = href.partition("#")
        text = (site / "en" / file).read_text(encoding="utf-8")
        at = text.index(f'id="{fragment}"')
        assert fragment == "total" or '<dl class="how">' in text[at : at + 1500]


def test_a_figure_explains_itself(site: Path) -> None:
    text = (site / "en" / "figures" / "T-9-79368a6d.1.html").read_text(encoding="utf-8")
    article = re.search(r'<article class="explain" id="i-served_share">.*?</article>', text, re.S)
    assert article
    said = re.sub(r"<[^>]+>", " ", article.group(0))
    for part in ("100 × Requests served ÷ Requests", "100 × served ÷ asked", "reports due", "Wilson", "Same period a year before",
                 "rows in force", "What the units below contributed", "Every period", "Village 7.0", "2025-03"):  # fmt: skip
        assert part in said, part
    assert "S1" in article.group(0)


def test_zero_missing_not_expected_and_suppressed_look_and_sound_different(
    run: MadeUp, tmp_path: Path
) -> None:
    rows = run.tables["indicators"].to_pylist()
    change = {"T10": {"value": 0.0, "numerator": 0.0}, "t10": {"value": None, "basis": "missing"}, "T 9": {"value": None, "expected": 0, "basis": None}, "t.8": {"basis": "suppressed"}}  # fmt: skip
    for row in rows:
        if row["indicator"] == "served_share" and row["period"] == "SY2025":
            row |= change.get(row["unit"], {})
    tables = dict(run.tables) | {"indicators": pa.Table.from_pylist(rows, schema=TABLES["indicators"].schema)}
    site = publish(replace(run, tables=tables), tmp_path / "site", languages=["en"]).path
    text = (site / "en" / "indicators" / "served_share.html").read_text(encoding="utf-8")
    cells = dict(
        re.findall(r'<tr><th scope="row"><a href="../units/([^"]*).html">[^<]*</a><td([^\n]*?)</a>', text)
    )
    assert cells["T10-f7ef0de3"].startswith(' class="z">')
    assert cells["t10-e26d4a42"].startswith(' class="m">') if "t10-e26d4a42" in cells else True
    for css, sign, heard in (("m", "—", "missing"), ("u", "·", "not expected"), ("s", "✱", "suppressed")):
        assert re.search(rf'<td class="{css}"><a [^>]*>{sign}<i>{heard}</i>', text), heard


def test_a_suppressed_figure_is_nowhere(run: MadeUp, tmp_path: Path) -> None:
    rows = run.tables["indicators"].to_pylist()
    for row in rows:
        if (row["unit"], row["indicator"], row["period"]) == ("T10", "served_share", "SY2025"):
            row |= {
                "basis": "suppressed",
                "value": 4321.71234,
                "numerator": 987654.0,
                "low": 4321.61234,
                "high": 4321.81234,
            }
    tables = dict(run.tables) | {"indicators": pa.Table.from_pylist(rows, schema=TABLES["indicators"].schema)}
    site = publish(replace(run, tables=tables), tmp_path / "site").path
    for path in site.rglob("*"):
        if path.suffix in (".html", ".csv", ".json"):
            text = path.read_text(encoding="utf-8")
            assert not re.search(r"4,?321\.|(?<![\d.])987,?654(?!\d)", re.sub(r"<[^>]+>", " ", text)), path
    values = pq.read_table(site / "data" / "indicators.parquet").column("value").to_pylist()
    assert 4321.71234 not in values


def test_people_are_nowhere(run: MadeUp, tmp_path: Path) -> None:
    tables = {
        name: table.append_column("person", pa.array([SECRET] * table.num_rows))
        for name, table in run.tables.items()
    }
    site = publish(replace(run, tables=tables), tmp_path / "site").path
    assert not [path for path in site.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()]


def test_a_rehearsal_cannot_be_mistaken(rehearsal: Path) -> None:
    for path, page in pages_of(rehearsal).items():
        if path.parent == rehearsal:
            continue
        zh = "zh" in path.relative_to(rehearsal).parts
        classes = [values.get("class", "") for _, values in page.tags]
        assert "banner" in classes, path
        assert "watermark" in classes, path
        assert ("模拟考核" if zh else "REHEARSAL") in page.text
        assert re.search("<title>(REHEARSAL|模拟考核)", path.read_text(encoding="utf-8")), path
    named = [
        path.name
        for path in (rehearsal / "data").iterdir()
        if path.name not in ("dictionary.csv", "SHA256SUMS")
    ]
    assert all(name.startswith("rehearsal-") for name in named)


def test_an_official_run_has_no_rehearsal_mark(site: Path) -> None:
    assert not [path for path in site.rglob("*.html") if 'class="banner"' in path.read_text(encoding="utf-8")]


def test_statistics_may_be_read_but_not_ranked(site: Path) -> None:
    for name in ("babies_born", "boys_share"):
        text = (site / "en" / "indicators" / f"{name}.html").read_text(encoding="utf-8")
        assert "never scored, never ranked, never a target" in text
        assert "data-sort" not in text
        assert 'class="target"' not in re.sub(
            r'<svg class="chart (caterpillar|funnel)".*?</svg>', "", text, flags=re.S
        )
    scored = (site / "en" / "indicators" / "served_share.html").read_text(encoding="utf-8")
    assert "data-sort" in scored


def test_units_of_a_statistic_stand_in_their_own_order(site: Path, run: MadeUp) -> None:
    text = (site / "en" / "indicators" / "boys_share.html").read_text(encoding="utf-8")
    chart = re.search(r'<svg class="chart caterpillar".*?</svg>', text, re.S)
    assert chart
    named = re.findall(r'class="name"[^>]*>([^<]*)<', chart.group(0))
    facts = read_facts(run)
    expected = [facts.places.name(unit)["en"] for unit in facts.compared if unit in facts.figures]
    assert len(named) == len(expected)
    for name, full in zip(named, expected, strict=True):
        assert full.startswith(unescape(name).rstrip("…"))


def test_the_rights_statement_and_the_way_to_challenge_are_there(site: Path) -> None:
    english, chinese = (
        (site / language / "methods.html").read_text(encoding="utf-8") for language in ("en", "zh")
    )
    for part in (
        'id="rights"',
        'id="challenge"',
        'id="recompute"',
        "tallymark recompute small-2025-SY2025-0123456789",
        "Write to the test desk.",
    ):
        assert part in english
    assert "请联系测试窗口。" in chinese
    assert "任何人不得因提出异议而受到不利对待" in chinese


def test_methods_name_every_rule(site: Path, programme: Programme) -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in sorted((site / "en").glob("methods*.html")))
    for name in (*programme.measures, *programme.checks, *programme.datasets):
        assert f"<code>{name}</code>" in text, name
    for part in (
        "Too few reports",
        "Send them within 30 days.",
        "Benefit of the doubt",
        "step-down",
        programme.hash,
    ):
        assert part in text, part


def test_a_run_without_a_contract(programme: Programme, tmp_path: Path) -> None:
    bare = made_up(programme, None, period="SY2025", months=False)
    site = publish(bare, tmp_path / "site").path
    assert not (site / "en" / "scorecard.html").exists()
    broken = [
        href
        for path, page in pages_of(site).items()
        for href, file, _ in targets_of(path, page)
        if not file.is_file()
    ]
    assert not broken


def test_one_language_alone(run: MadeUp, tmp_path: Path) -> None:
    site = publish(run, tmp_path / "site", languages=["zh"]).path
    assert not (site / "en").exists()
    assert "url=zh/index.html" in (site / "index.html").read_text(encoding="utf-8")


def test_an_unknown_language_is_refused(run: MadeUp, tmp_path: Path) -> None:
    with pytest.raises(TallymarkError, match="fr"):
        publish(run, tmp_path / "site", languages=["fr"])


def test_a_folder_with_other_things_is_left_alone(run: MadeUp, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(TallymarkError, match="no site made here"):
        publish(run, tmp_path)
    assert (tmp_path / "thesis.txt").read_text(encoding="utf-8") == "mine"


def test_an_older_site_is_replaced_whole(run: MadeUp, site: Path, tmp_path: Path) -> None:
    out = tmp_path / "site"
    publish(run, out)
    (out / "en" / "old.html").write_text("gone", encoding="utf-8")
    publish(run, out)
    assert fingerprint(out) == fingerprint(site)
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


@pytest.mark.parametrize(("full", "light"), [(250, 3000), (5, 3000), (5, 20)])
def test_nothing_is_unreachable_however_many_units(
    run: MadeUp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, full: int, light: int
) -> None:
    monkeypatch.setattr(planning, "MOST_FULL", full)
    monkeypatch.setattr(planning, "MOST_LIGHT", light)
    facts = read_facts(run)
    plan = make_plan(facts)
    assert not [unit for unit in facts.places.by_code if plan.page(unit) is None]
    site = publish(run, tmp_path / "site", languages=["en"]).path
    pages = {path.resolve(): page for path, page in pages_of(site).items()}
    reached, queue = set[Path](), [(site / "en" / "index.html").resolve()]
    while queue:
        path = queue.pop()
        if path in reached:
            continue
        reached.add(path)
        queue += [file for _, file, _ in targets_of(path, pages[path]) if file in pages]
    assert {path for path in pages if "en" in path.parts} <= reached
    for path, page in pages.items():
        for href, file, fragment in targets_of(path, page):
            assert file.is_file(), href
            assert not fragment or file not in pages or fragment in pages[file].ids, (path, href)


@pytest.mark.parametrize(("towns", "villages", "months"), [(4, 2, True), (3, 160, False)])
def test_crowded_pages_stay_within_the_limit(tmp_path: Path, towns: int, villages: int, months: bool) -> None:
    """60 lines, 90 indicators, 1,500 findings, many periods or many units below: still no page over the limit."""
    declared = small_programme(
        tmp_path / "p", villages=villages, codes=tuple(f"T{i:02d}" for i in range(towns))
    )
    run = made_up(crowded(declared), "small-2025", findings=1500, months=months)
    site = publish(run, tmp_path / "site").path
    sizes = sorted((path.stat().st_size, path.name) for path in site.rglob("*.html"))
    assert sizes[-1][0] <= MOST_BYTES, sizes[-3:]


def crowded(programme: Programme) -> Programme:
    """The programme with each indicator ten times and a contract of sixty lines."""
    indicators: dict[str, Any] = {}
    for i in range(10):
        for name, indicator in programme.indicators.items():
            indicators[f"{name}{i}"] = replace(indicator, name=f"{name}{i}")
    contract = programme.contracts["small-2025"]
    section, line = contract.sections[0], contract.sections[0].lines[0]
    lines = tuple(
        replace(line, code=f"X{i}", points=100 / 60, indicator=indicators[f"served_share{i % 10}"])
        for i in range(60)
    )
    busy = replace(contract, sections=(replace(section, lines=lines),), bonus=(), deductions=(), gates=())
    return replace(programme, indicators=indicators, contracts={"small-2025": busy})


def test_awkward_codes_all_have_pages(site: Path, run: MadeUp) -> None:
    facts = read_facts(run)
    plan = make_plan(facts)
    assert set(AWKWARD) <= set(plan.full)
    assert all((site / "en" / f"units/{plan.unit_file[code]}.html").is_file() for code in AWKWARD)


def test_what_the_explanation_adds_is_shown_except_of_registers(run: MadeUp, tmp_path: Path) -> None:
    corrections = [{"where": "T10 2025-03", "old": 4, "new": 40, "batch": 3, "reason": "slipped digit"}]
    change = {"run": "earlier-run", "before": 70.0, "now": 80.0, "batches": [3], "causes": ["data"]}
    told = SimpleNamespace(corrections=corrections, change=change)
    asked = set()

    def explain(unit: str, indicator: str, period: str) -> SimpleNamespace:
        asked.add((unit, indicator, period))
        return told

    site = publish(run, tmp_path / "site", languages=["en"], explain=explain).path
    text = "".join(path.read_text(encoding="utf-8") for path in (site / "en" / "figures").glob("T10*.html"))
    articles = dict(re.findall(r'<article class="explain" id="i-(\w+)">(.*?)</article>', text, re.S))
    assert "T10 2025-03: 4 became 40 with batch 3 (slipped digit)" in articles["served_share"]
    assert "In run earlier-run it was 70.0%; now it is 80.0%." in articles["served_share"]
    assert "slipped digit" not in articles["visits_rate"]
    assert ("T10", "served_share", "SY2025") in asked


def test_groups_are_shown_and_parts_add_up(run: MadeUp, tmp_path: Path) -> None:
    rows = run.tables["indicators"].to_pylist()
    one = next(
        r for r in rows if (r["unit"], r["indicator"], r["period"]) == ("T10", "served_share", "SY2025")
    )
    split = [one | {"breakdown": "sex", "category": name} for name in ("female", "male <b>")]
    tables = dict(run.tables) | {
        "indicators": pa.Table.from_pylist([*rows, *split], schema=TABLES["indicators"].schema)
    }
    site = publish(replace(run, tables=tables), tmp_path / "site", languages=["en"]).path
    text = "".join(path.read_text(encoding="utf-8") for path in (site / "en" / "figures").glob("T10*.html"))
    article = dict(re.findall(r'<article class="explain" id="i-(\w+)">(.*?)</article>', text, re.S))[
        "served_share"
    ]
    assert "sex: male &lt;b&gt;" in article
    parts = re.search(r"The numerators add up to ([\d,]+), the denominators to ([\d,]+)\.", article)
    assert parts
    assert float(parts.group(1).replace(",", "")) == one["numerator"]
