"""Figures whose base, whole or other mention stands elsewhere in the text, each with a case that holds and one that does not."""

from __future__ import annotations

import pytest

from tallymark.verify.prose import check_text

PAIRS = [  # what holds, what does not, what is said of it
    ("满意211人，占64.3%；基本满意98人，占29.9%；不满意19人，占5.8%。", "满意211人，占64.3%；基本满意98人，占29.9%；不满意19人，占7.8%。", "19 ÷ 328 = 5.8 %"),
    ("Of 110 discharged, 96 (87.3%) were cured, 9 (8.2%) defaulted and 5 (4.5%) died.", "Of 110 discharged, 96 (87.3%) were cured, 9 (8.2%) defaulted and 5 (5.4%) died.", "5 ÷ 110 = 4.5 %"),
    ("Spending was USD 184,500: salaries 92,300 (50%), supplies 75,800 and other 16,400.", "Spending was USD 184,500: salaries 92,300 (50%), supplies 73,800 and other 16,400.", "= 182,500"),
    ("全县活产数3,284人。\n\n低出生体重儿178人，占活产数的5.4%。", "全县活产数3,284人。\n\n低出生体重儿178人，占活产数的5.8%。", "178 ÷ 3,284 = 5.4 %"),
    ("活产数3,284人。5岁以下儿童死亡13人，5岁以下儿童死亡率3.96‰。", "活产数3,284人。5岁以下儿童死亡13人，5岁以下儿童死亡率3.69‰。", "13 ÷ 3,284 = 3.96 ‰"),
    ("受理举报96件，其中来电41件。办结93件，办结率96.9%。", "受理举报96件，其中来电41件。办结93件，办结率97.9%。", "93 ÷ 96 = 96.9 %"),
    ("受理举报96件。办结93件，其余3件正在办理。", "受理举报96件。办结93件，其余4件正在办理。", "96 − 93 = 3"),
    ("到位资金286.5万元。支出261.4万元，结余25.1万元。", "到位资金286.5万元。支出261.4万元，结余35.1万元。", "= 25.1"),
    ("药占比28.6%，上年为31.7%，下降3.1个百分点。", "药占比28.6%，上年为31.7%，下降2.1个百分点。", "= -3.1 pp"),
    ("发病203例，比上年的251例减少48例，下降19.1%。", "发病203例，比上年的251例减少48例，下降23.6%。", "48 ÷ 251 = 19.1 %"),
    ("对27名村医进行测试，合格率81.5%。", "对27名村医进行测试，合格率82.6%。", "22/27 = 81.5 % · 23/27 = 85.2 %"),
    ("补助325人，人均1,200元，共计39万元。", "补助325人，人均1,200元，共计40.8万元。", "= 390,000"),
    ("办班6期，共培训412人次，平均每期69人次。", "办班6期，共培训412人次，平均每期78人次。", "412 ÷ 6 = 68.7"),
    ("问题60个，其中管理类21个、质量类19个、设施类8个、药品类12个。", "问题57个，其中管理类21个、质量类19个、设施类8个、药品类12个。", "= 60"),
    ("113 had severe and 451 moderate malnutrition, together 564 children.", "113 had severe and 451 moderate malnutrition, together 584 children.", "113 + 451 = 564"),
    ("Of the 43 facilities, 30 were public, 9 faith-based and 4 private.", "Of the 42 facilities, 30 were public, 9 faith-based and 4 private.", "30 + 9 + 4 = 43"),
    ("按年龄分，幼儿402人，少年511人，成人443人，共1,356人。", "全年1,346人。按年龄分，幼儿402人，少年511人，成人443人。", "402 + 511 + 443 = 1,356"),
    ("抽查36家，合格31家，不合格5家，合格率86.1%。", "抽查36家，合格31家，不合格6家，合格率86.1%。", "31 + 6 = 37"),
]  # fmt: skip
ROWS = "村\t应种\t实种\t接种率\n东村\t542\t519\t95.8\n西村\t397\t388\t97.7\n北村\t683\t671\t{rate}\n"
HONEST = [
    "一季度门诊1,204人次，二季度门诊1,214人次。",
    "东河乡签约4,127人，签约率71.4%。\n\n柳林乡签约4,172人，签约率72.4%。",
    "上年门诊3,127人次。\n\n今年门诊3,172人次。",
    "计划培训412人次。\n\n实际培训421人次。",
    "城东培训412人次。\n\n城东培训421人次。\n\n城东培训431人次。",
    "5,000 simulated areas were drawn. Then 1,000 simulated areas were kept.",
    "In May 1,911 people were tested. In June 1,991 people were tested.",
    "常住人口12,771人，户籍人口12,900人。签约8,914人，签约率69.8%。",
    "Usage: report [OPTIONS] FILE",
]


@pytest.mark.parametrize(("right", "wrong", "said"), PAIRS)
def test_each_holds_and_does_not(right: str, wrong: str, said: str) -> None:
    assert [str(each) for each in check_text(right).findings] == []
    found = [str(each) + str(each.evidence) for each in check_text(wrong).findings]
    assert any(said in each for each in found), found


def test_rates_of_a_table_are_those_of_its_counts() -> None:
    assert check_text(ROWS.format(rate="98.2")).findings == ()
    (found,) = check_text(ROWS.format(rate="97.2")).findings
    assert "98.2 %" in found.message("en")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("全年门诊3,127人次。", "全年门诊3,172人次，收入21.6万元。"),
        ("The clinic serves a catchment population of 23,480.", "With a catchment population of 24,380 it needs three more nurses."),
        ("婚前医学检查率71.4%。", "婚前医学检查率达到72.4%。"),
    ],
)  # fmt: skip
def test_one_thing_with_two_figures(first: str, second: str) -> None:
    assert [each.code for each in check_text(f"{first}\n\n{second}").findings] == ["prose.told_twice"]
    assert check_text(f"{first}\n\n{first}").findings == ()


@pytest.mark.parametrize("text", HONEST)
def test_other_times_places_and_plans_are_other_things(text: str) -> None:
    assert [str(each) for each in check_text(text).findings] == []
