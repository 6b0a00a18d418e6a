"""A report without errors yields none: honest prose dense with dates, articles, telephones, ranges, targets and rates."""

from __future__ import annotations

from pathlib import Path

import pytest

from tallymark.verify.prose import check_text, document_of

HERE = Path(__file__).parent


@pytest.mark.parametrize(("language", "figures", "claims"), [("zh", 200, 45), ("en", 170, 30)])
def test_no_false_alarm(language: str, figures: int, claims: int) -> None:
    checked = check_text(document_of((HERE / f"honest_{language}.txt").read_text(encoding="utf-8"), language))
    assert [str(finding) for finding in checked.findings] == []
    assert checked.figures > figures
    assert len(checked.claims) > claims, "the corpus is checked, not passed over"


@pytest.mark.parametrize(
    "text",
    [
        "2011年10月14日上午8:30，第3组到第十二村检查。",
        "《条例》第三十二条第（二）项、〔2011〕12号文件规定了15—49岁妇女的服务。",
        "电话0714-8761234，手机13800138000，身份证420281198001011234。",
        "See Section 3.2 of Act No. 27 of 2009; ICD-10 O80-O84; COVID-19; Table 4; 14 October 2011.",
        "(1) Open the file. (2) Count the rows. 3.2.1 Method. 1. First. 2. Second.",
        "Between 2009 and 2011 the number rose; in 2010-11 it fell. 5 of the 7 days were dry.",
        "各村于月底前上报，年底总结，月初例会；请填写出生年月。",
        "完成全年计划的104%，同比增长120%，增长1.5倍。",
        "About 90% of nearly 5,000 people; more than 300 of 420 villages, or over 70%.",
        "力争2012年落实率达到95%，办结率不低于98%。",
        "In 8 of 12 towns, coverage was 95%.",
        "三结合、四项制度、五个到位、一站式服务，第一，第二，第三。",
        "The ratio is 1:1,200; the match ended 3-2; room 12; 24/7; 10 cm; 5 km.",
        "市、县、乡三级共投入120万元，其中市级36万元，占30%。",
        "Of 240 staff, 60 were nurses (25%), 24 midwives (10%) and 12 doctors (5%).",
        "全年出生571人，其中一孩342人，占59.89%；二孩229人，占40.11%。",
        "男婴2418人，占51.91%，女婴2240人，占48.09%。",
        "比上年增加，比去年同期多生7人，比目标高。",
        "Coverage was 83% (249/300) in the north and 91% (273/300) in the south.",
        "户籍人口41万人，流动人口9万人；出生3,690人，出生率9.0‰。",
        "签字：____  日期：   年  月  日",
        "2011年出生人口性别比为113.2，2010年为115.6，下降2.4个点。",
        "机构总数1070785个，比上年增加37867个，其中医院38355个。",
        "常住人口10999万人，总量比上年净增150万人，增长1.38%。",
        "年末总人口141260万人，其中城镇常住人口91425万人。全年出生1062万人，出生率7.52‰；死亡率7.18‰，自然增长率0.34‰。",
        "每个乡镇配备3名专干，每村1名，共678名。",
        "出生缺陷分别占22.4%、31.5%和18.9%，其余为其他类型。",
        "Staff numbers fell by 12, from 245 to 233, a drop of 4.9%.",
        "Mortality was 6.2 per 1,000 (29 deaths among 4,658 live births; 95% CI 4.2 to 8.9).",
    ],
)
def test_no_false_alarm_in_a_sentence(text: str) -> None:
    assert [str(finding) for finding in check_text(text).findings] == []


@pytest.mark.parametrize(
    "text",
    ["", " ", "。", "\n\n\n", "（（（（", "%%%%", "1", "一", "12", "100%", "0 of 0 (0%)", "0/0 = 0%", "5 of 0 (20%)", "a" * 100_000, "1," * 20_000, "（" * 5_000 + "1" * 5_000, "3.3.3.3.", "９１．２４％", "−5 of −3 (10%)", "\x00\ufeff\u202e12 of 13 (92.31%)"],
    ids=range(20),
)  # fmt: skip
def test_odd_text_is_survived(text: str) -> None:
    checked = check_text(text)
    assert not [finding for finding in checked.findings if finding.severity == "error"]


WRONG = (HERE / "wrong.txt").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("text", WRONG, ids=range(len(WRONG)))
def test_wrong_sentences_are_found(text: str) -> None:
    """Sentences written before the patterns that find them, each with one figure wrong."""
    assert check_text(text).findings
