"""Permitted programmes that stand close to the boundary: the same registers and items, counted as services."""

from __future__ import annotations

from tests.oracle.rights.declare import Raw, contract, indicator, line, programme
from tests.oracle.rights.hidden import REPORTS, counting, events, of_item


def returns(
    numerator: Raw, denominator: Raw, concerns: str = "service_coverage", title: str = "Line 4"
) -> Raw:
    """A contract line over one item divided by another."""
    return programme(
        datasets={"d": {**REPORTS, "items": {"n": numerator, "d": denominator}}},
        measures={"n": {"dataset": "d", "item": "n"}, "dd": {"dataset": "d", "item": "d"}},
        indicators={"x": indicator(title, concerns, numerator="n", denominator="dd")},
        contracts={"c": contract(line(title, "x"))},
    )


def register(**more: object) -> Raw:
    """An events dataset alone."""
    return programme(datasets={"d": {"kind": "events", **more}})


PERSONAL = {"type": "text", "sensitivity": "personal"}
ALLOWED: dict[str, Raw] = {
    # births as what a service is divided by, or with the service that is counted
    "antenatal visits over expected pregnancies": returns({"title": "First antenatal visits"}, {"title": "Expected pregnancies"}),
    "institutional deliveries over live births": returns({"title": "Deliveries in a facility"}, {"title": "Live births"}),
    "BCG over births": returns({"title": "BCG doses"}, {"title": "Live births"}),
    "postnatal visits over births": returns({"title": "产后访视"}, {"title": "活产数"}),
    "follow-up over insertions": returns({"title": "Follow-up visits after IUD insertion"}, {"title": "IUDs inserted"}, "service_quality"),
    "counselled over clients": returns({"title": "Clients counselled on all contraceptive options"}, {"title": "New family planning acceptors"}),
    "complaints closed over received": returns({"title": "Complaints closed in 15 days"}, {"title": "Complaints received"}, "redress"),
    "deaths reviewed over deaths": returns({"title": "Maternal deaths reviewed"}, {"title": "Maternal deaths"}, "service_quality"),
    "births registered over births expected": returns({"title": "Births registered"}, {"title": "Births expected"}, "completeness"),
    "births of one source over another": returns({"title": "Births in monthly reports"}, {"title": "Births in the register"}, "accuracy"),
    "notified in time": counting("n", "b", "timeliness", n=events("notified_hours <= 24"), b=events()),
    "notified in time, girls among girls": counting(
        "n", "b", "equity", n=events("sex = 'female' AND notified_hours <= 24"), b=events("sex = 'female'")),
    "weighed at birth": counting("n", "b", "completeness", n=events("weight_g IS NOT NULL"), b=events()),
    "born in hospital": counting("n", "b", n=events("place = 'hospital'"), b=events()),
    "counselled at a visit": counting("n", "v", n=events("kind = 'antenatal' AND done", "visits"), v=events("kind = 'antenatal'", "visits")),
    "screened of women": counting("n", "women", n=events("kind = 'cervical screening'", "visits")),
    "stock-outs": counting("n", None, "supply", n={"dataset": "monthly", "item": "done", "title": "Days without contraceptives in stock"}),
    # statistics outside contracts, whatever they count
    "births and methods as statistics": programme(
        datasets={"d": {**REPORTS, "items": {"iud": {"title": "IUD insertions"}, "births": {"title": "Live births"}}}},
        measures={"iud": {"dataset": "d", "item": "iud"}, "births": {"dataset": "d", "item": "births"}},
        indicators={
            "iud_mix": indicator("IUD insertions", "method_mix", numerator="iud", denominator=None, direction="none"),
            "births_n": indicator("Births", "births", numerator="births", denominator=None, direction="none"),
        }),
    # checks of data
    "births against doses": programme(measures={"births": of_item("a3")}, checks={"k": {"title": "Doses", "expect": "done <= births"}}),
    "births not negative": programme(measures={"births": of_item("a3")}, checks={"k": {"title": "Sign", "expect": "births >= 0"}}),
    "deaths plausible": programme(
        indicators={"dr": indicator("Death rate", "deaths")}, checks={"k": {"title": "Plausible", "expect": "dr < 60"}}),
    "penta against births": programme(
        measures={"births": of_item("a3")}, checks={"k": {"title": "Above", "expect": "done <= 1.2 * births + 5"}}),
    # allocation
    "vaccine by births": programme(
        datasets={"d": {**REPORTS, "items": {"b": {"title": "Live births"}}}}, measures={"b": {"dataset": "d", "item": "b"}},
        allocations={"a": {"title": "BCG vaccine 2026, doses", "total": 9, "level": "town", "by": "measure", "measure": "b", "concerns": "supply"}}),
    "money by population": programme(
        datasets={"p": {"kind": "stocks", "items": {"residents": {"title": "Residents"}}}},
        measures={"residents": {"dataset": "p", "item": "residents"}},
        allocations={"a": {"title": "Outreach grant", "total": 9, "level": "town", "by": "measure", "measure": "residents", "concerns": "finance"}}),
    # gates and deductions on conduct
    "falsification voids": programme(contracts={"c": contract(gates=[
        {"code": "g", "title": "查实数据造假一票否决", "when": "share_done > 0", "effect": "void", "reason": "数据造假"}])}),
    "coercion voids": programme(contracts={"c": contract(gates=[
        {"code": "g", "title": "Coercion proven", "when": "share_done > 0", "effect": "void",
         "reason": "A forced sterilisation or a forced abortion was proven."}])}),
    "unlawful fees deducted": programme(contracts={"c": contract(deductions=[
        {"code": "d", "title": "Unlawful fees for birth registration proven", "indicator": "share_done", "each": 1}])}),
    # records of care that was asked for
    "a birth register": register(
        title="Birth register", purpose="Registration of newborns and care the family asked for",
        columns={"mother_name": PERSONAL, "parity": {"type": "integer"}, "sex": {"type": "category"}, "gestation_weeks": {"type": "integer"}}),
    "antenatal visits": register(
        title="Antenatal visits", purpose="Antenatal care that the woman asked for",
        columns={"client_id": PERSONAL, "lmp": {"type": "date"}, "bp": {"type": "integer"}}),
    "contraception with consent": register(
        title="Family planning visits", purpose="Care that the client asked for; can withdraw at any time",
        columns={"client_id": PERSONAL, "method_chosen": {"type": "category", "title": "Contraceptive method"}, "consent": {"type": "boolean"}}),
    "contraception without names": register(
        title="Family planning visits", columns={"method": {"type": "category", "title": "Contraceptive method"}, "day": {"type": "date"}}),
    "immunisation with phone": register(
        title="Immunisation register", purpose="Vaccination", columns={"phone": PERSONAL, "child_name": PERSONAL, "dose": {"type": "category"}}),
    "staff with employer": register(title="Training", columns={"name": PERSONAL, "employer": {"type": "text"}}),
    # sources
    "a permit column left out": programme(sources={"s": {"format": "csv", "tables": [{"dataset": "monthly", "ignore": ["准生证号", "社会抚养费"]}]}}),
    # the law's own condition, shown as such
    "a childcare subsidy by order of birth": programme(
        indicators={"x": indicator("第一孩、第二孩、第三孩育儿补贴发放及时率", "timeliness", legal_reference="育儿补贴制度实施方案（2025）")},
        contracts={"c": contract(line("育儿补贴30个工作日内确认", "x"))}),
    "vested support": programme(
        datasets={"d": {**REPORTS, "items": {"n": {"title": "独生子女父母奖励扶助已发放"}}}}, measures={"n": {"dataset": "d", "item": "n"}},
        indicators={"x": indicator("独生子女父母奖励扶助按时发放率", "finance", numerator="n", legal_reference="人口与计划生育法第三十一条")},
        contracts={"c": contract(line("独生子女父母奖励扶助按时发放", "x"))}),
    # other words that only look alike
    "units and places": programme(units={"rows": [{"unit": "A", "name": "上环路"}, {"unit": "B", "name": "结扎村"}]}),
    "a programme of dentistry": programme(
        indicators={"x": indicator({"en": "Dental implants with a follow-up at one year", "zh": "牙种植体一年随访率"})},
        contracts={"c": contract(line("Dental implants with a follow-up", "x"))}),
}  # fmt: skip
