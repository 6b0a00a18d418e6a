"""What is told in words, in lists and in tables, each with a case that holds and one that does not."""

from __future__ import annotations

import pytest

from tallymark.verify.prose import check_text

PAIRS = [  # what holds, what does not, what is said of it
    ("Referrals doubled from 40 to 82.", "Referrals tripled from 40 to 100.", "100 ÷ 40 = 2.50"),
    ("Numbers more than doubled, from 61 to 134.", "Stock-outs halved from 84 to 60.", "60 ÷ 84 = 0.71"),
    ("经费由100万元增加到205万元，翻了一番。", "经费由120万元增加到200万元，翻了一番。", "200万元 ÷ 120万元 = 1.67"),
    ("床位450张，是2015年180张的2.5倍。", "床位450张，是2015年180张的3倍。", "450 ÷ 180 = 2.5"),
    ("Two thirds of the 90 villages (60) have one.", "Two thirds of the 90 villages (48) have one.", "48 ÷ 90 = 53 %"),
    ("全村280户中有210户参保，参保率超过七成。", "全村280户中有210户参保，参保率不到六成。", "75.0 %"),
    ("比上年减少24人，下降10.8%，全年仅198人。", "比上年减少24人，下降10.0%，全年仅198人。", "24 ÷ 222 = 10.8 %"),
    ("会议应到65人，实到58人，缺席7人。", "会议应到65人，实到58人，缺席9人。", "65 − 58 = 7"),
    ("会议应到65人，实到58人，请假5人，缺席2人。", "会议应到65人，实到60人，请假9人。", "65 − 60 = 5"),
    ("计划任务1,500例，实际完成1,290例，完成任务的86%。", "计划任务1,500例，实际完成1,290例，完成任务的96%。", "86 %"),
    ("抽查档案40份，合格率92.5%。", "抽查档案40份，合格率92.3%。", "36/40 = 90.0 % · 37/40 = 92.5 %"),
    ("年初结存1,200盒，购入3,400盒，发放3,950盒，年末结存650盒。", "年初结存1,200盒，购入3,400盒，发放3,950盒，年末结存750盒。", "= 650"),
    ("There were 1,440 visits in 12 months, an average of 120 a month.", "There were 1,440 visits in 12 months, an average of 140 a month.", "1,440 ÷ 12 = 120"),
    ("补贴82.4万元，其中奖励23.6万元、扶助41.2万元、其他17.6万元。", "补贴86.4万元，其中奖励23.6万元、扶助41.2万元、其他17.6万元。", "= 82.4"),
    ("餐饮252家、零售126家、学校42家，分别占60%、30%和10%。", "餐饮252家、零售126家、学校42家，分别占60%、30%和15%。", "42 ÷ 420 = 10 %"),
    ("Funds came from government (45%), donors (38%) and users (17%).", "Funds came from government (45%), donors (38%) and users (22%).", "= 105 %"),
    ("There were 112 cases and 7 deaths (CFR 6.3%).", "There were 112 cases and 7 deaths (CFR 7.3%).", "6.3 %"),
    ("村别\t应检\t实检\n南庄村\t412\t380\n北庄村\t356\t301\n合计\t768\t681", "村别\t应检\t实检\n南庄村\t412\t380\n北庄村\t356\t301\n合计\t768\t691", "380 + 301 = 681"),
    ("Site | Due | Seen\nNorth | 150 | 148\nSouth | 230 | 221\nTotal | 380 | 369", "Site | Due | Seen\nNorth | 150 | 148\nSouth | 230 | 221\nTotal | 390 | 369", "150 + 230 = 380"),
    ("应签约8,640人，已签约6,912人，签约率80.0%。", "应签约8,640人，已签约6,912人，签约率82.0%。", "80.0 %"),
]  # fmt: skip


@pytest.mark.parametrize(("sound", "wrong", "said"), PAIRS)
def test_told_in_words(sound: str, wrong: str, said: str) -> None:
    assert [str(finding) for finding in check_text(sound).findings] == []
    (finding,) = check_text(wrong).findings
    assert said in f"{finding.message('en')} {finding.message('zh')} {finding.evidence}"


@pytest.mark.parametrize(
    "text",
    [
        "村别\t率\t人数\n南庄村\t91.5\t380\n北庄村\t80.5\t301\n合计\t86.0\t681",  # an average in its column
        "村别\t人数\n南庄村\t380\n其中女\t180\n北庄村\t301\n合计\t681",  # parts of parts
        "村别\t人数\n南庄村\t380\n北庄村\t—\n合计\t681",  # a figure is missing, not 0
        "About two thirds of the 90 villages (58) have one.",
        "参保31.72万人（应参保32.50万人），较去年同期的31.05万人增加0.67万人。",
        "The survey reached 2,384 households in 96 clusters (95.4% of the 2,499 selected).",
        "Reasons given (more than one could be named): distance (61%), cost (48%), hours (33%).",
    ],
)
def test_what_cannot_be_recomputed_is_left_alone(text: str) -> None:
    assert [str(finding) for finding in check_text(text).findings] == []
