"""Figures linked wherever they stand: each wrong one is found, and what is nearly like it and sound is left alone."""

from __future__ import annotations

import pytest

from tallymark.verify.prose import check_text

PAIRS = [
    ("应办结17,208件，已办结16,711件；按期办结15,986件，按期办结率92.90%。", "应办结17,208件，已办结16,711件；按期办结15,986件，按期办结率91.90%。", "15,986 ÷"),
    ("共检查企业156家。停产整顿企业11家，占检查企业数的7.1%。", "共检查企业156家。停产整顿企业11家，占检查企业数的7.8%。", "7.1"),
    ("Cases: A (612), B (388) and C (241) account for 67% of all 1,847 cases.", "There were 1,847 cases. A (612), B (388) and C (241) account for 70% of all cases.", "67"),
    ("受理诉求18,642件，其中咨询9,877件、投诉5,216件、求助2,904件、建议645件。", "受理诉求18,642件，其中咨询9,877件、投诉5,216件、求助2,904件、建议654件。", "18,651"),
    ("Results for 284 samples: 171 positive, 98 negative and 15 indeterminate.", "Results for 284 samples: 171 positive, 98 negative and 25 indeterminate.", "294"),
    ("高血压管理1.64万人，糖尿病管理0.57万人，两病合计管理2.21万人。", "高血压管理1.64万人，糖尿病管理0.57万人，两病合计管理2.12万人。", "2.21"),
    ("共发现隐患482条。第一批检查78家，发现隐患263条；第二批检查78家，发现隐患219条。", "共发现隐患482条。第一批检查78家，发现隐患263条；第二批检查78家，发现隐患229条。", "492"),
    ("全县减员。与去年同期的97起相比，案件84起，减少13起。", "案件84起。与去年同期的97起相比，案件数减少15起。", "97 − 84 = 13"),
    ("满意率92.4%，较上月提升0.8个百分点，上月为91.6%。", "满意率92.4%，较上月提升1.8个百分点，上月为91.6%。", "0.8"),
    ("报告186例，与上周（203例）相比下降8.4%。", "报告186例，与上周（203例）相比下降9.1%。", "8.4"),
    ("应参保41,260人，已参保39,877人，未参保1,383人。", "应参保41,260人，已参保39,877人，未参保1,393人。", "1,383"),
    ("住院报销6,412人次，基金支付2,884.3万元，次均支付4,498元。", "住院报销6,412人次，基金支付2,884.3万元，次均支付4,898元。", "4,498"),
    ("39,877人参保，每人400元，共征缴1,595.08万元。", "39,877人参保，每人400元，共征缴1,695.08万元。", "1,595.08"),
    ("27,726 mothers received USD 1,400 each, amounting to USD 38,816,400.", "27,726 mothers received USD 1,400 each, amounting to USD 36,816,400.", "38,816,400"),
    ("上门1.3万户次，同比翻了一番，去年为0.65万户次。", "上门1.3万户次，同比翻了一番，去年为0.86万户次。", "1.51"),
    ("执业医师243人、注册护士361人，医护比1:1.49。", "执业医师243人、注册护士361人，医护比1:1.64。", "1.49"),
    ("参保排名由全县第12位上升到第9位。", "参保排名由全县第9位上升到第12位。", "9 → 12"),
    ("第1名东城区98.2分，第2名西城区97.6分，第3名南关区97.0分。", "第1名东城区98.2分，第2名西城区97.6分，第3名南关区98.0分。", "97.6"),
    ("得分最高的镇94.6分，最低的镇86.2分，全县平均91.1分。", "得分最高的镇94.6分，最低的镇86.2分，全县平均95.1分。", "86.2"),
    ("住院76人，出院81人，期末在院117人（期初在院122人）。", "住院76人，出院81人，期末在院112人（期初在院122人）。", "117"),
    ("4月8日至4月26日，县安委办组织检查，历时19天。", "4月8日至4月26日，县安委办组织检查，历时29天。", "19"),
    ("取证率由去年的81.7%升至今年的83.5%。", "取证率由去年的83.5%升至今年的81.7%。", "83.5%"),
    ("Attendance rose from 396 to 412.", "Attendance rose from 412 to 396.", "412"),
    ("立案84起，其中建筑业62起，建筑业占比超过七成。", "立案84起，其中建筑业52起，建筑业占比超过七成。", "61.9"),
    ("村\t应种\t实种\t率（%）\n东村\t412\t403\t97.8\n西村\t380\t352\t92.6\n北村\t250\t241\t96.4\n\n东村应种412人。", "村\t应种\t实种\t率（%）\n东村\t412\t403\t97.8\n西村\t380\t352\t92.6\n北村\t250\t241\t96.4\n\n东村应种421人。", "412"),
    ("自2024年5月起开展检查。", "自2024年 月起开展检查。", "月"),
]  # fmt: skip


@pytest.mark.parametrize(("sound", "wrong", "said"), PAIRS, ids=range(len(PAIRS)))
def test_each_wrong_one_is_found_and_the_sound_one_left_alone(sound: str, wrong: str, said: str) -> None:
    assert [str(each) for each in check_text(sound).findings] == []
    findings = check_text(wrong).findings
    assert findings
    assert any(said in f"{each.evidence}" for each in findings), [str(each) for each in findings]


@pytest.mark.parametrize(
    "text",
    [
        "装备制造11个，占29.7%；食品加工9个，占24.3%；新材料8个，占21.6%；其他9个，占24.3%（四舍五入，合计99.9%）。",  # rounding
        "第一产业63671亿元，第二产业296236亿元，第三产业384221亿元，合计744127亿元。",  # rounded parts
        "不合格11批次，主要为农药残留（5批次）、微生物（4批次）、添加剂（3批次），其中1批次两项不合格。",  # overlapping parts
        "结案23974件，结案率96.16%，按期结案22345件，按期结案率89.62%，一次完成率98.09%（应结案24932件）。",  # a rate of another count
        "2,310 kits and 1,875 cash grants were distributed to 2,980 families; families may receive both.",
        "60岁及以上84,157人，占23.85%，其中65岁及以上62,390人，占17.68%；0—14岁61,204人，占17.35%。",  # one base, not told
        "New cases: Garissa (47), Turkana (12), Meru (5). Kenya had 79 cases; the highest number was 278, followed by 125, 79 and 70.",
        "计划培训村医120人，分4期，每期30人；预算24万元，人均2,000元。",  # a planned number
        "12345热线电话14765件，占案卷总数的54.89%；案卷总数26898件。",  # a number that is a name
        "Cancelled operations fell from 58 last month to 43, a quarter fewer.",
        "We began with 612 pupils and end with 604: 23 joined and 31 left.",
        "Three camps host between 410 and 620 people each, 1,550 in total.",
        "全区孕产妇住院分娩969人，住院分娩率100%；婚检600人，婚检率为91.5%。",  # another base
        "情绪困扰（41%）、家庭关系（33%）、其他（27%），可多选。",  # more than one answer
        "The mean rose from 9.9 to 10.4; 62% reported reduced meals, 38% sold animals and 21% did both.",
        "受案增加167件，上升10.21%（受理1803件）；结案率下降了2.99个百分点，结案率49.58%。",
    ],
)  # fmt: skip
def test_what_is_nearly_wrong_is_left_alone(text: str) -> None:
    assert [str(each) for each in check_text(text).findings] == []
