"""Figures printed in real reports, in sentences of the field's style, with what their own counts give."""

from __future__ import annotations

import pytest

from tallymark.verify.prose import check_text

REAL: list[tuple[str, str, tuple[str, ...]]] = [
    # long-acting rate 307 / 336 printed as 72.92 %
    ("应落实长效节育措施336例，已落实307例，落实率72.92%。", "prose.ratio", ("91.37 %", "245/336", "307/421")),
    ("全年336例中有307例落实了长效措施，占72.92%。", "prose.ratio", ("91.37 %", "245/336", "307/421")),
    ("长效节育措施落实率为72.92%（307/336）。", "prose.ratio", ("91.37 %", "245/336", "307/421")),
    ("长效节育措施落实307例，占应落实对象336例的72.92%。", "prose.ratio", ("91.37 %", "245/336", "307/421")),
    ("307 of 336 = 72.92 %", "prose.ratio", ("91.37 %", "245/336", "307/421")),
    ("Of 336 eligible couples, 307 chose a long-acting method, a rate of 72.92%.", "prose.ratio", ("245/336", "307/421")),
    ("The long-acting rate was 72.92% (307 of 336).", "prose.ratio", ("245/336", "307/421")),
    ("Of the 336 women, 307 (72.92 per cent) had one.", "prose.ratio", ("245/336", "307/421")),
    # 7.92 points above the target follows from it
    ("长效节育措施落实率为72.92%（307/336），比目标65%高7.92个百分点。", "prose.follows", ("26.37",)),
    ("The long-acting rate was 72.92% (307 of 336), 7.92 percentage points above the 65% target.", "prose.follows", ("26.37",)),
    # sex ratio of 571 births
    ("全年出生571人，出生人口性别比为124.54。", "prose.sex_ratio", ("317/254 = 124.80", "316/255 = 123.92")),
    ("全年出生571人。出生人口性别比为100:124.54，比上年下降5.28个比值。", "prose.sex_ratio", ("317/254 = 124.80",)),
    ("There were 571 births in the year. The sex ratio at birth was 124.54 boys per 100 girls.", "prose.sex_ratio", ("317/254 = 124.80",)),
    ("全年出生571人，性别比124.54；二孩及以上出生人口性别比210.19。", "prose.sex_ratios_together", ("227/108", "330/157", "90/146 = 62")),
    ("There were 571 births; the sex ratio at birth was 124.54 and the sex ratio of second and higher births 210.19.", "prose.sex_ratios_together", ("227/108",)),
    # one figure used twice
    ("开展环情检查8,367人次，入户走访8,367户。", "prose.used_twice", ("8,367",)),
    ("8,367 checks were made and 8,367 home visits paid.", "prose.used_twice", ("8,367",)),
    # 16,000 yuan for three cases at 10,000 to 30,000 each
    ("对举报属实的每例奖励1—3万元，已兑现举报奖金16,000元，查处典型案件3例。", "prose.payments", ("3 × 10,000 = 30,000", "1")),
    ("Informants get 10,000–30,000 yuan per case; 16,000 yuan was paid, and 3 cases were made public.", "prose.payments", ("30,000",)),
    # training of 69 people, over 100 %
    ("参加辅导员培训69人，参训率超过100%。", "prose.over_100", ()),
    ("Training: 69 people attended, an attendance rate of over 100%.", "prose.over_100", ()),
    ("OPD reporting rate: 107.4%.", "prose.over_100", ("107.4%",)),
    # blanks
    ("凡 年月以来新婚的夫妇，请到服务站登记。", "prose.blank", ()),
    ("务必于月日前将名单报送镇计生办。", "prose.blank", ()),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "code", "words"), REAL, ids=[f"{code}-{at}" for at, (_, code, _) in enumerate(REAL)]
)
def test_wrong_figures_are_found(text: str, code: str, words: tuple[str, ...]) -> None:
    found = [finding for finding in check_text(text).findings if finding.code == code]
    assert len(found) == 1, [str(finding) for finding in check_text(text).findings]
    shown = str(found[0])
    assert all(word in shown for word in words), shown


FINE = [
    "出生政策符合率91.24%（521/571），政策外50人。",
    "全年出生571人，符合政策521人，符合率91.24%；政策外多孩6人，多孩率1.05%。",
    "比前三年平均值上升0.91个百分点，比上年下降0.4个百分点，比上年下降0.2个百分点。",
    "出生人口性别比超出107的部分比前三年平均值下降10.54%，比上年下降5.28个比值，二孩及以上下降27.22个比值。",
    "受理投诉12件，办结12件。",
    "婚前医学检查率82.19%。",
    "为48户投保3万元；慰问20户1万元；资助4名女学生1万元；举办讲座12期，听众1,810人次。",
    "全年上报药具不良反应735例，报告率万分之七。",
    "有45个镇实现“两无”，占60.81%；707个村实现“两无”，占56.83%。",
    "全年出生39,407人，出生率11.78‰，自然增长率6.99‰，符合政策生育率96.98%。",
    "愿意生育一个、两个、三个孩子的分别占22%、70%和8%。",
    "5个县全部达到省级标准，其中80%达到国家级标准。",
    "6,722人享受每人每月50元的扶助，累计发放1,833万元。",
    "16个乡镇投入3,590万元，平均每个乡镇224万元。",
    "为3户家庭减免27,270元，户均9,090元。",
    "人口出生率由18.58‰下降到9.5‰，自然增长率由12.15‰下降到3.5‰。",
    "“下评上”满意率100%，“双评”满意率分别为96.62%和97.6%。",
    "总人口51.3万人，出生率9.08‰，自然增长率1.78‰，政策符合率99.78%。",
    "出生缺陷发生率由5.70‰下降到4.28‰。",
    "检测11,000人次，阳性521人次。",
    "1,180名务工人员中47%来自外省；1,180名工作人员分布在633个村。",
    "经费90万元，市、县按2:8分担，市级18万元，县级72万元。",
    "查阅档案90份，合格率100%。",
    "在24个村抽查1,000户，满意率96.2%。",
    "对11万名妇女开展检查48万人次。",
    "12个镇中12个进入前3名，其中8个第1名。",
    "2011年指标为98%、98%、98%、100%、90%，比上年提高5—10个百分点。",
    "责任书共100分；案件94件；经费2,200万元。",
]


@pytest.mark.parametrize("text", FINE)
def test_figures_that_hold_or_cannot_be_checked_yield_nothing(text: str) -> None:
    assert [str(finding) for finding in check_text(text).findings] == []
