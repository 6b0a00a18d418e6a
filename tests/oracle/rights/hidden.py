"""Quotas hidden in the structure of a programme while every title says something harmless."""

from __future__ import annotations

from typing import Any

from tests.oracle.rights.declare import Raw, contract, indicator, line, programme

REPORTS = {"kind": "reports", "frequency": "month", "level": "town"}
BIRTHS = {
    "kind": "events", "title": {"en": "Birth register", "zh": "出生登记册"}, "date": "born_on",
    "columns": {
        "born_on": {"type": "date"}, "sex": {"type": "category", "values": ["male", "female"]}, "parity": {"type": "integer"},
        "q7": {"type": "category", "title": {"en": "Sex of the child", "zh": "性别"}}, "notified_hours": {"type": "integer"},
        "weight_g": {"type": "integer"}, "married": {"type": "boolean"}, "place": {"type": "category"}, "order_no": {"type": "integer", "title": "孩次"},
    },
}  # fmt: skip
VISITS = {
    "kind": "events", "title": "Client visits", "date": "day",
    "columns": {"day": {"type": "date"}, "method": {"type": "category"}, "m": {"type": "category", "title": "Contraceptive chosen"},
                "kind": {"type": "category"}, "done": {"type": "boolean"}, "z": {"type": "category", "title": "节育措施"}},
}  # fmt: skip
WOMEN = {"kind": "stocks", "title": "Population", "items": {"women": {"title": "Women 15-49"}}}
PLAIN = "Service line 4"


def counting(
    numerator: str, denominator: str | None = "due", concerns: str = "service_coverage", **measures: Any
) -> Raw:
    """A contract of one plainly titled line over an indicator of these measures."""
    return programme(
        datasets={"births": BIRTHS, "visits": VISITS, "people": WOMEN, "returns": _returns(measures)},
        measures={"women": {"dataset": "people", "item": "women"}, **measures},
        indicators={"x": indicator(PLAIN, concerns, numerator=numerator, denominator=denominator)},
        contracts={"c": contract(line(PLAIN, "x"))},
    )


def _returns(measures: Raw) -> Raw:
    """The report, with the items that the measures count and no other."""
    titles = {
        "a1": "IUDs inserted", "a2": "结扎例数", "a3": "Live births", "a4": "Pregnancies found", "a5": "Abortions", "a6": "政策内出生数",
        "a7": "Male births", "a8": "Female births", "a9": "Contraceptive acceptors", "b1": "Complaints received", "b2": "Deaths",
        "b3": "社会抚养费", "b4": "Birth permits checked", "b5": "Second-order births notified in time", "b6": "Births planned for the year",
        "b7": "查环查孕人次", "b8": "Sterilised men", "b9": "皮埋人数",
    }  # fmt: skip
    used = {measure.get("item") for measure in measures.values()}
    return {**REPORTS, "items": {code: {"title": title} for code, title in titles.items() if code in used}}


def of_item(item: str, **more: Any) -> Raw:
    return {"dataset": "returns", "item": item, **more}


def events(where: str | None = None, dataset: str = "births", **more: Any) -> Raw:
    return {"dataset": dataset, **({"where": where} if where else {}), **more}


def in_contract(**parts: Any) -> Raw:
    """A contract with a part that counts an indicator of births, of method mix, of the sex ratio."""
    statistics = {
        "births_n": indicator("Figure A", "births"), "ratio": indicator("Figure B", "sex_ratio"), "mix": indicator("Figure C", "method_mix"),
        "deaths_n": indicator("Figure D", "deaths"), "preg": indicator("Figure E", "pregnancy"), "tfr_n": indicator("Figure F", "fertility"),
        "pop": indicator("Figure G", "population"),
    }  # fmt: skip
    return programme(indicators=statistics, contracts={"c": contract(**parts)})


def _line_of(name: str) -> Raw:
    return programme(**{**in_contract(), "contracts": {"c": contract(line(PLAIN, name))}})


HIDDEN: dict[str, tuple[str, Raw]] = {
    # what is counted, whatever it is called
    "item of a report": ("method_uptake", counting("n", n=of_item("a1"))),
    "item titled in Chinese": ("sterilisation", counting("n", n=of_item("a2"))),
    "births counted as a service": ("birth_quota", counting("n", "women", n=of_item("a3"))),
    "births without a denominator": ("birth_quota", counting("n", None, n=of_item("a3"))),
    "births over a plan": ("birth_quota", counting("n", "p", "completeness", n=of_item("a3"), p=of_item("b6"))),
    "pregnancies found": ("pregnancy_surveillance", counting("n", n=of_item("a4"))),
    "abortions": ("abortion", counting("n", n=of_item("a5"))),
    "births within the policy": ("policy_compliance", counting("n", "b", n=of_item("a6"), b=of_item("a3"))),
    "male over female births": ("sex_ratio", counting("n", "d", n=of_item("a7"), d=of_item("a8"))),
    "male over all births": ("sex_ratio", counting("n", "d", n=of_item("a7"), d=of_item("a3"))),
    "acceptors": ("method_uptake", counting("n", n=of_item("a9"))),
    "complaints received": ("petition_penalty", counting("n", "women", "satisfaction", n=of_item("b1"))),
    "deaths as quality": ("statistics_only", counting("n", concerns="service_quality", n=of_item("b2"))),
    "fees as finance": ("birth_fee", counting("n", concerns="finance", n=of_item("b3"))),
    "permits as completeness": ("permit", counting("n", concerns="completeness", n=of_item("b4"))),
    "timeliness of second births only": ("parity_steering", counting("n", concerns="timeliness", n=of_item("b5"))),
    "women checked": ("pregnancy_surveillance", counting("n", n=of_item("b7"))),
    "men counted": ("sterilisation", counting("n", n=of_item("b8"))),
    "implants in Chinese": ("method_uptake", counting("n", n=of_item("b9"))),
    "a sum with a harmless measure": ("method_uptake", counting("done + n", n=of_item("a1"))),
    "a difference": ("method_uptake", counting("women - n", "women", n=of_item("a1"))),
    "a ratio in the numerator": ("method_uptake", counting("n / women", None, n=of_item("a1"))),
    "a function": ("method_uptake", counting("greatest(n, 0)", n=of_item("a1"))),
    "a case": ("method_uptake", counting("CASE WHEN n > 10 THEN 1 ELSE 0 END", None, n=of_item("a1"))),
    "turned over": ("birth_quota", counting("women", "n", n=of_item("a3"))),
    "turned over, one per method": ("method_uptake", counting("1", "n", n=of_item("a1"))),
    # conditions on rows
    "a method in the condition": ("method_uptake", counting("n", n=events("method = 'IUD'", "visits"))),
    "sterilisation in the condition": ("sterilisation", counting("n", n=events("kind = 'sterilisation'", "visits"))),
    "pinyin in the condition": ("sterilisation", counting("n", n=events("kind = 'jieza'", "visits"))),
    "Chinese in the condition": ("sterilisation", counting("n", n=events("kind IN ('结扎', '上环')", "visits"))),
    "a coded column with a title": ("method_uptake", counting("n", n=events("m = 3", "visits"))),
    "a coded column titled in Chinese": ("method_uptake", counting("n", n=events("z IN (1, 2)", "visits"))),
    "every birth": ("birth_quota", counting("n", "women", n=events())),
    "every birth under a service name": ("birth_quota", counting("n", "women", n=events(title="Newborns registered in time"))),
    "births of high order": ("parity_steering", counting("n", "b", n=events("parity >= 2"), b=events())),
    "births by order, coded": ("parity_steering", counting("n", "b", n=events("order_no > 1 AND notified_hours <= 24"), b=events())),
    "boys by condition": ("sex_ratio", counting("n", "b", n=events("sex = 'male'"), b=events())),
    "boys by coded condition": ("sex_ratio", counting("n", "b", n=events("q7 = 1"), b=events())),
    "boys over girls by condition": ("sex_ratio", counting("n", "b", n=events("sex = 'male'"), b=events("sex = 'female'"))),
    "boys notified among all births": ("sex_ratio", counting("n", "b", n=events("sex = 'male' AND notified_hours <= 24"), b=events())),
    "births of the married": ("conditional_benefit", counting("n", "b", n=events("married AND notified_hours <= 24"), b=events())),
    "a denominator of second births": ("parity_steering", counting("n", "b", n=events("notified_hours <= 24"), b=events("parity = 2"))),
    "births filtered by nothing that is a service": ("birth_quota", counting("n", "women", n=events("sex IS NOT NULL"))),
    # statistics in contract positions
    "line": ("statistics_only", _line_of("births_n")),
    "line on deaths": ("statistics_only", _line_of("deaths_n")),
    "line on population": ("statistics_only", _line_of("pop")),
    "bonus": ("statistics_only", in_contract(bonus={"cap": 3, "lines": [line(PLAIN, "ratio", "b1")]})),
    "deduction": ("statistics_only", in_contract(deductions=[{"code": "d", "title": PLAIN, "indicator": "preg", "each": 1}])),
    "gate": ("statistics_only", in_contract(gates=[{"code": "g", "title": PLAIN, "when": "mix < 80", "effect": "void", "reason": "r"}])),
    "gate with more": ("statistics_only", in_contract(
        gates=[{"code": "g", "title": PLAIN, "when": "share_done > 90 AND NOT (tfr_n < 2)", "effect": "cap", "cap": 3, "reason": "r"}])),
    "checklist": ("statistics_only", in_contract(
        bonus={"cap": 3, "lines": [{"code": "k", "title": PLAIN, "points": 1, "award": {"kind": "checklist", "things": {"share_done": 1, "births_n": 2}}}]})),
    "per incident": ("statistics_only", in_contract(
        bonus={"cap": 3, "lines": [line(PLAIN, "births_n", award={"kind": "per_incident", "each": 1})]})),
    "improvement": ("statistics_only", in_contract(
        bonus={"cap": 3, "lines": [line(PLAIN, "ratio", award={"kind": "improvement", "target": 1})]})),
    "watch list": ("statistics_only", programme(
        indicators={"b": indicator("Figure", "births")},
        contracts={"c": contract(line(PLAIN, "b", "w1"), watch={"lines": ["w1"]})})),
    "watch list naming an indicator": ("statistics_only", in_contract(watch={"lines": ["ratio"]})),
    "allocation": ("statistics_only", programme(
        allocations={"a": {"title": PLAIN, "total": 9, "level": "town", "by": "equal", "concerns": "births"}})),
    "allocation by method use": ("method_uptake", programme(
        datasets={"returns": _returns({"n": of_item("a1")})}, measures={"n": of_item("a1")},
        allocations={"a": {"title": "Staff prizes", "total": 9, "level": "town", "by": "measure", "measure": "n"}})),
    "allocation by births of money for no supply": ("birth_quota", programme(
        datasets={"returns": _returns({"n": of_item("a3")})}, measures={"n": of_item("a3")},
        allocations={"a": {"title": "Staff prizes", "total": 9, "level": "town", "by": "measure", "measure": "n"}})),
    "allocation by an attribute": ("birth_quota", programme(
        allocations={"a": {"title": "Prizes", "total": 9, "level": "town", "by": "attribute", "attribute": "births_quota"}})),
    "bundled contract": ("sterilisation", programme(contracts={
        "all": {"title": "All", "level": "town", "period": "2025", "bundle": [{"contract": "c2", "weight": 1}]},
        "c2": contract(line("Vasectomies"))})),
    # alerts
    "alert on births": ("statistics_only", programme(
        indicators={"b": indicator("Figure", "births")}, checks={"k": {"title": "Alert", "expect": "b <= 40"}})),
    "alert on the sex ratio": ("statistics_only", programme(
        indicators={"r": indicator("Figure", "sex_ratio")}, checks={"k": {"title": "Alert", "expect": "r BETWEEN 100 AND 107"}})),
    "alert on a measure of births": ("birth_quota", programme(
        datasets={"returns": _returns({"n": of_item("a3")})}, measures={"n": of_item("a3")}, checks={"k": {"title": "Alert", "expect": "n < 30"}})),
    "alert on methods": ("method_uptake", programme(
        datasets={"returns": _returns({"n": of_item("a1")})}, measures={"n": of_item("a1")}, checks={"k": {"title": "Alert", "expect": "100 * n / due >= 75"}})),
    # where words hide
    "description of a line": ("method_uptake", programme(contracts={"c": contract(line(PLAIN, description="Number of IUDs inserted, at least 75 %"))})),
    "description in Chinese": ("method_uptake", programme(contracts={"c": contract(line(PLAIN, description={"en": "As agreed", "zh": "即长效节育措施落实率"}))})),
    "description of the indicator": ("sterilisation", programme(
        indicators={"x": indicator(PLAIN, description="Women sterilised of women with two children")}, contracts={"c": contract(line(PLAIN, "x"))})),
    "description of the section": ("policy_compliance", programme(contracts={"c": {**contract(), "sections": [
        {"code": "s", "title": PLAIN, "description": "政策符合率", "lines": [line(PLAIN)]}]}})),
    "description of the item": ("sterilisation", programme(
        datasets={"d": {**REPORTS, "items": {"i": {"title": "Service 4", "description": "Tubal ligations"}}}},
        measures={"n": {"dataset": "d", "item": "i"}}, indicators={"x": indicator(PLAIN, numerator="n")},
        contracts={"c": contract(line(PLAIN, "x"))})),
    "the reason of a gate": ("policy_compliance", programme(contracts={"c": contract(
        gates=[{"code": "g", "title": PLAIN, "when": "share_done < 5", "effect": "void", "reason": "Births outside policy"}])})),
    "the hint of a check": ("birth_fee", programme(checks={"k": {"title": PLAIN, "expect": "done <= due", "hint": "催缴社会抚养费"}})),
    "the parties": ("person_search", programme(contracts={"c": contract(parties="Cadres responsible for households and the office")})),
    "a legal reference": ("permit", programme(contracts={"c": contract(legal_reference="准生证管理办法")})),
    "the purpose of a dataset": ("person_search", programme(datasets={"d": {"kind": "events", "purpose": "清理清查流动人口"}})),
    "the code of a line": ("sterilisation", programme(contracts={"c": contract(line(PLAIN, code="tubal_ligation_rate"))})),
    "the code of an indicator": ("method_uptake", programme(
        indicators={"iud_rate": indicator(PLAIN)}, contracts={"c": contract(line(PLAIN, "iud_rate"))})),
    "the code of a contract": ("sterilisation", programme(contracts={"sterilisation-2025": contract()})),
    "an undeclared indicator": ("method_uptake", programme(contracts={"c": contract(line(PLAIN, "larc_uptake"))})),
    "a class of an allocation": ("method_uptake", programme(
        allocations={"a": {"title": PLAIN, "total": 9, "level": "town", "by": "classes", "attribute": "size", "classes": {"iud_low": 1}}})),
    "one language only": ("sterilisation", programme(contracts={"c": contract(line({"en": "Follow-up after services", "zh": "结扎任务"}))})),
    "a bracket": ("method_uptake", programme(contracts={"c": contract(line("Service quality (i.e. IUD uptake)"))})),
    "split over title and description": ("sterilisation", programme(contracts={"c": contract(line("Tubal", description="ligations done"))})),
    "split over title and description in Chinese": ("method_uptake", programme(contracts={"c": contract(line("长效", description="措施落实率"))})),
    "split over section and line": ("sterilisation", programme(contracts={"c": {**contract(), "sections": [
        {"code": "s", "title": "Tubal", "lines": [line("ligations")]}]}})),
    "split over section and line in Chinese": ("method_uptake", programme(contracts={"c": {**contract(), "sections": [
        {"code": "s", "title": "长效", "lines": [line("措施落实率")]}]}})),
    "split over code and title": ("sterilisation", programme(contracts={"c": contract(line("ligations", code="tubal"))})),
    # sources and data
    "a column of a file": ("sterilisation", programme(
        datasets={"d": {**REPORTS, "items": {"service_4": {}}}}, measures={"n": {"dataset": "d", "item": "service_4"}},
        sources={"s": {"format": "csv", "tables": [{"dataset": "d", "items": {"结扎例数": "service_4"}}]}},
        indicators={"x": indicator(PLAIN, numerator="n")}, contracts={"c": contract(line(PLAIN, "x"))})),
    "a column of a register": ("method_uptake", programme(
        datasets={"d": {"kind": "events", "columns": {"c4": {"type": "boolean"}}}}, measures={"n": {"dataset": "d", "where": "c4"}},
        sources={"s": {"format": "csv", "tables": [{"dataset": "d", "columns": {"IUD in place": "c4"}}]}},
        indicators={"x": indicator(PLAIN, numerator="n")}, contracts={"c": contract(line(PLAIN, "x"))})),
    "a sheet": ("policy_compliance", programme(sources={"s": {"format": "excel", "tables": [{"dataset": "monthly", "sheet": "政策外出生登记"}]}})),
    "a permit number taken in": ("permit", programme(sources={"s": {"format": "csv", "tables": [{"dataset": "monthly", "columns": {"准生证号": "no"}}]}})),
    "a category of a breakdown": ("policy_compliance", programme(
        datasets={"d": {**REPORTS, "columns": {"k": {"type": "category", "values": ["within policy births", "out-of-policy births"]}}}})),
    "a unit attribute": ("policy_compliance", programme(units={"attributes": ["out_of_policy_births"]})),
    "an unknown section": ("acceptance_payment", programme(benefits={"b": {"title": "结扎奖励"}})),
    "an unknown key": ("sterilisation", programme(contracts={"c": contract(line(PLAIN, note="sterilisation quota"))})),
    # benefits and conditions
    "a bonus of staff per procedure": ("acceptance_payment", programme(indicators={"x": indicator("Bonus of staff per vasectomy", "workforce")})),
    "a statute cannot cover a method": ("acceptance_payment", programme(
        indicators={"x": indicator("节育奖发放率", "finance", legal_reference="某省计划生育条例第30条")})),
    "a statute cannot cover a permit": ("permit", programme(
        indicators={"x": indicator("Grant to parents with a birth permit", "finance", legal_reference="Provincial regulation art. 30")})),
    "a statute cannot take away": ("conditional_benefit", programme(
        indicators={"x": indicator("School enrolment denied to second children of one-child policy couples", "finance", legal_reference="Regulation art. 3")})),
    "a benefit without its law": ("conditional_benefit", programme(indicators={"x": indicator("独生子女父母奖励发放率", "finance", legal_reference=" ")})),
    # named records
    "named pregnancies": ("person_data", programme(datasets={"d": {
        "kind": "events", "title": "Pregnant women", "columns": {"woman_name": {"type": "text"}, "lmp": {"type": "date"}}}})),
    "named pregnancies called internal": ("person_data", programme(datasets={"d": {
        "kind": "events", "title": "孕情登记", "purpose": "服务", "columns": {"身份证号": {"type": "text", "sensitivity": "internal"}}}})),
    "methods without consent": ("person_data", programme(datasets={"d": {
        "kind": "events", "title": "Family planning clients", "purpose": "care that was asked for",
        "columns": {"client_id": {"type": "text", "sensitivity": "personal"}, "method_used": {"type": "category", "title": "Contraceptive method"}}}})),
    "pregnancies with employer": ("person_data", programme(datasets={"d": {
        "kind": "events", "title": "Antenatal visits", "purpose": "antenatal care",
        "columns": {"id_card": {"type": "text", "sensitivity": "personal"}, "employer": {"type": "text"}, "pregnant": {"type": "boolean"}, "consent": {"type": "boolean"}}}})),
    "scans linked to people": ("person_data", programme(datasets={"d": {
        "kind": "events", "title": "B超登记", "columns": {"姓名": {"type": "text"}, "日期": {"type": "date"}}}})),
    "names made public": ("named_publication", programme(datasets={"births": {**BIRTHS, "columns": {
        "mother_name": {"type": "text", "sensitivity": "public"}}}})),
    # found by attacking the gate afterwards
    "trivial condition: weighed births per woman": ("birth_quota", counting("n", "women", n=events("weight_g > 0"))),
    "trivial condition: notified within ten years, per woman": ("birth_quota", counting("n", "women", n=events("notified_hours <= 99999"))),
    "births in hospital per woman": ("birth_quota", counting("n", "women", n=events("place = 'hospital'"))),
    "generic item of a telling report": ("method_uptake", programme(
        datasets={"v": {**REPORTS, "title": "Contraceptive acceptors", "items": {"clients": {"title": "Clients"}}}},
        measures={"n": {"dataset": "v", "item": "clients"}}, indicators={"x": indicator(PLAIN, numerator="n")},
        contracts={"c": contract(line(PLAIN, "x"))})),
    "a coded value explained in the column": ("method_uptake", programme(
        datasets={"v": {"kind": "events", "columns": {"service": {"type": "category", "description": "1 = IUD, 2 = antenatal"}}}},
        measures={"n": {"dataset": "v", "where": "service = '1'"}}, indicators={"x": indicator(PLAIN, numerator="n")},
        contracts={"c": contract(line(PLAIN, "x"))})),
    "distinct methods": ("method_uptake", counting("n", n={"dataset": "visits", "aggregate": "distinct", "of": "m"})),
    "a sum over a column": ("method_uptake", programme(
        datasets={"d": {"kind": "events", "columns": {"k": {"type": "integer", "title": "IUDs"}}}},
        measures={"n": {"dataset": "d", "aggregate": "sum", "of": "k * 2"}}, indicators={"x": indicator(PLAIN, numerator="n")},
        contracts={"c": contract(line(PLAIN, "x"))})),
    "a measure in a gate": ("method_uptake", programme(
        datasets={"returns": _returns({"n": of_item("a1")})}, measures={"n": of_item("a1")},
        contracts={"c": contract(gates=[{"code": "g", "title": PLAIN, "when": "n < 5", "effect": "cap", "cap": 3, "reason": "r"}])})),
    "an attribute decides for whom a line applies": ("sterilisation", programme(contracts={"c": contract(line(PLAIN, when="sterilised_share > 0.5"))})),
    "peers by birth rate": ("birth_quota", programme(contracts={"c": contract(peers="birth_rate_class")})),
    "a grade": ("method_uptake", programme(contracts={"c": contract(grades=[{"code": "A", "title": "High IUD uptake", "bound": 90}])})),
    "a unit of measurement": ("method_uptake", programme(
        indicators={"x": indicator(PLAIN, unit="IUDs per 100 women")}, contracts={"c": contract(line(PLAIN, "x"))})),
    "an invented concern": ("birth_quota", programme(
        indicators={"x": indicator("Live births", "outcomes")}, contracts={"c": contract(line(PLAIN, "x"))})),
    "no concern": ("birth_quota", programme(
        datasets={"returns": _returns({"n": of_item("a3")})}, measures={"n": of_item("a3")},
        indicators={"x": {"title": PLAIN, "numerator": "n"}}, contracts={"c": contract(line(PLAIN, "x"))})),
    "women with a device as a stock": ("method_uptake", programme(
        datasets={"p": {"kind": "stocks", "items": {"w": {"title": "Women with an IUD"}}}}, measures={"n": {"dataset": "p", "item": "w"}},
        indicators={"x": indicator(PLAIN, numerator="n")}, contracts={"c": contract(line(PLAIN, "x"))})),
    "births expected under a plan": ("birth_quota", counting(
        "n", "e", "completeness", n=of_item("a3"), e={"dataset": "monthly", "item": "due", "title": "Births expected under the plan"})),
    "the other sex as a difference": ("sex_ratio", counting("b - n", "b", n=of_item("a8"), b=of_item("a3"))),
    "alert with the number first": ("statistics_only", programme(
        indicators={"b": indicator("Figure", "births")}, checks={"k": {"title": "Alert", "expect": "40 >= b"}})),
    "alert as a difference": ("statistics_only", programme(
        indicators={"b": indicator("Figure", "births")}, checks={"k": {"title": "Alert", "expect": "b - 40 <= 0"}})),
    "alert as a list": ("statistics_only", programme(
        indicators={"b": indicator("Figure", "births")}, checks={"k": {"title": "Alert", "expect": "b IN (1, 2, 3)"}})),
    "alert against a plan": ("birth_quota", programme(
        datasets={"returns": _returns({"n": of_item("a3")}), "q": {**REPORTS, "items": {"norm": {"title": "Yearly plan"}}}},
        measures={"n": of_item("a3"), "norm": {"dataset": "q", "item": "norm"}}, checks={"k": {"title": "Alert", "expect": "n <= norm"}})),
    "alert on boys over girls": ("sex_ratio", programme(
        datasets={"returns": _returns({"n": of_item("a7"), "d": of_item("a8")})}, measures={"n": of_item("a7"), "d": of_item("a8")},
        checks={"k": {"title": "Alert", "expect": "n / d <= 1.07"}})),
}  # fmt: skip
