"""Every result table of a run: columns, types, units, keys and meaning, in one list.

The writer casts to these schemas, the reader trusts them, the data dictionary is printed from them.
Missing is NULL, never zero.
"""

from __future__ import annotations

import pyarrow as pa

from tallymark.model.comparing_tables import COMPOSITES, DIFFERENCES, SENSITIVITY
from tallymark.model.table_parts import (
    BASIS,
    BREAKDOWN,
    CATEGORY,
    EXPECTED,
    FREQUENCY,
    KEY,
    LEVEL,
    PERIOD,
    RECEIVED,
    UNIT,
    USABLE,
    TableSpec,
)
from tallymark.model.table_parts import column as _c
from tallymark.model.text import Text

MEASURES = TableSpec(
    "measures",
    Text("Counted quantities for every unit, period and breakdown", "各单位、时期、分组的计量值"),
    ("period", "unit", "measure", "breakdown", "category"),
    (
        UNIT,
        LEVEL,
        PERIOD,
        FREQUENCY,
        _c("measure", KEY, "measure", "计量"),
        BREAKDOWN,
        CATEGORY,
        _c(
            "value",
            pa.float64(),
            "the quantity; NULL when nothing usable was received",
            "数值，无可用数据时为空",
        ),
        EXPECTED,
        RECEIVED,
        USABLE,
        BASIS,
    ),
)
INDICATORS = TableSpec(
    "indicators",
    Text("Indicators with interval, completeness and comparisons", "指标值、区间、完整性与比较"),
    ("period", "unit", "indicator", "breakdown", "category"),
    (
        UNIT,
        LEVEL,
        PERIOD,
        FREQUENCY,
        _c("indicator", KEY, "indicator", "指标"),
        BREAKDOWN,
        CATEGORY,
        _c("numerator", pa.float64(), "numerator", "分子"),
        _c("denominator", pa.float64(), "denominator", "分母"),
        _c("value", pa.float64(), "factor × numerator ÷ denominator", "指标值"),
        _c("low", pa.float64(), "lower limit of the interval (95 % unless said)", "区间下限"),
        _c("high", pa.float64(), "upper limit of the interval", "区间上限"),
        EXPECTED,
        RECEIVED,
        USABLE,
        BASIS,
        _c("previous", pa.float64(), "value of the previous period", "上期值"),
        _c("last_year", pa.float64(), "value of the same period last year", "上年同期值"),
        _c(
            "three_year_mean",
            pa.float64(),
            "mean of the same period in the last three years (all three needed)",
            "前三年同期均值",
        ),
        _c(
            "shrunk",
            pa.float64(),
            "value drawn towards those of like units, by how noisy it is; where declared",
            "收缩估计值（按噪声大小向同级单位均值收缩，须声明）",
        ),
        _c("shrunk_low", pa.float64(), "lower limit of the shrunk value", "收缩估计区间下限"),
        _c("shrunk_high", pa.float64(), "upper limit of the shrunk value", "收缩估计区间上限"),
        _c(
            "small",
            KEY,
            "why it is too small to be published or scored: few_cases, few_events, wide_interval; empty when it is not",
            "样本过小、不宜发布和计分的原因（few_cases 例数少、few_events 事件少、wide_interval 区间过宽），否则为空",
        ),
        _c("benchmark", pa.float64(), "what the figure is compared with, as declared", "比较基准"),
        _c(
            "against_95",
            KEY,
            "better, similar or worse: on which side of the benchmark the 95 % interval lies",
            "与基准比较（95%区间）：更好、相近或更差",
        ),
        _c("against_998", KEY, "the same by the 99.8 % interval", "与基准比较（99.8%区间）"),
        _c(
            "years",
            pa.int64(),
            "years put together, where pooling is declared; fewer than declared where one is missing",
            "合并年数（须声明合并）；有年份缺失时少于声明的年数",
        ),
    ),
)
FINDINGS = TableSpec(
    "findings",
    Text("What was found wrong, as data", "发现的问题"),
    (),
    (
        _c("code", KEY, "stable code", "代码"),
        _c("severity", KEY, "error, warning or note", "严重程度"),
        _c("dataset", KEY, "dataset", "数据集"),
        _c("item", KEY, "item or column", "指标项"),
        UNIT,
        PERIOD,
        _c("file", KEY, "file delivered", "文件"),
        _c("sheet", KEY, "sheet", "工作表"),
        _c("cell", KEY, "cell", "单元格"),
        _c("row", pa.int64(), "row in the file", "行号"),
        _c("batch", pa.int64(), "batch", "批次"),
        _c("message", KEY, "what is wrong", "问题"),
        _c("message_zh", KEY, "what is wrong, in Chinese", "问题（中文）"),
        _c("hint", KEY, "what to do", "建议"),
        _c("hint_zh", KEY, "what to do, in Chinese", "建议（中文）"),
        _c("evidence", KEY, "evidence (JSON)", "证据"),
        _c(
            "answer_by", KEY, "last day for the unit to answer before it is named in public", "单位说明截止日"
        ),
        _c(
            "heard",
            KEY,
            "whether the unit was heard: answered, silent (its days are over), explained (the office agreed) or waits",
            "是否听取说明：answered 已说明、silent 逾期未说明、explained 说明成立、waits 等待说明",
        ),
        _c(
            "waived",
            KEY,
            "why, by whom and until when it is waived; empty when it is not",
            "豁免理由、批准人和期限",
        ),
    ),
)
OF_RUNS = ("answer_by", "heard", "waived")
"""Columns of findings that only runs know; what a store keeps of receipts has none of them."""
SCORES = TableSpec(
    "scores",
    Text("Points of every line of the contract for every unit", "责任书各条款得分"),
    ("unit", "contract", "line"),
    (
        UNIT,
        _c("contract", KEY, "contract (a strand's own code in a bundle)", "责任书"),
        _c("section", KEY, "section; `bonus` or `deductions` for those", "部分"),
        _c("line", KEY, "line", "条款"),
        _c("kind", KEY, "line, bonus or deduction", "类型"),
        _c("indicator", KEY, "indicator", "指标"),
        _c("value", pa.float64(), "value that was scored", "计分值"),
        _c("low", pa.float64(), "lower limit", "区间下限"),
        _c("high", pa.float64(), "upper limit", "区间上限"),
        _c("basis", KEY, "what the value rests on", "依据"),
        _c(
            "available",
            pa.float64(),
            "points to be had (0 when set aside; negative limit for deductions)",
            "满分",
        ),
        _c(
            "points",
            pa.float64(),
            "points earned (negative for deductions); NULL when no points could be given",
            "得分",
        ),
        _c("points_low", pa.float64(), "points at the worse end of the interval", "得分下限"),
        _c("points_high", pa.float64(), "points at the better end of the interval", "得分上限"),
        _c("status", KEY, "scored, missing, set_aside, refused, not_applicable or too_small", "状态"),
        _c("award", KEY, "how points are earned", "计分方式"),
    ),
)
TOTALS = TableSpec(
    "totals",
    Text("Total of every unit: base, bonus, deductions, gates, grade", "各单位总分"),
    ("unit", "contract"),
    (
        UNIT,
        _c("contract", KEY, "contract", "责任书"),
        _c("base", pa.float64(), "points of the lines, scaled when lines were set aside", "基础分"),
        _c("bonus", pa.float64(), "bonus after its cap", "加分"),
        _c("deductions", pa.float64(), "points off (positive)", "扣分"),
        _c("total", pa.float64(), "total after gates; NULL when refused", "总分"),
        _c("total_before_gates", pa.float64(), "total before gates", "否决前总分"),
        _c("low", pa.float64(), "total less 1.96 standard errors", "总分下限"),
        _c("high", pa.float64(), "total plus 1.96 standard errors", "总分上限"),
        _c("se", pa.float64(), "standard error of the total", "标准误"),
        _c("gates", KEY, "gates that bite, comma-separated", "触发的否决项"),
        _c("grade", KEY, "grade", "等次"),
        _c("commended", pa.bool_(), "named among the best", "表彰"),
        _c("watch", KEY, "lines that put it on the watch list, comma-separated", "重点帮扶条款"),
    ),
)
RANKS = TableSpec(
    "ranks",
    Text("Ranks with the set of ranks that the data cannot tell apart", "排名及排名区间"),
    ("unit", "contract"),
    (
        UNIT,
        _c("contract", KEY, "contract", "责任书"),
        _c("peer_group", KEY, "group of equals; empty when one", "同类组"),
        _c("total", pa.float64(), "total", "总分"),
        _c("rank", pa.float64(), "rank, 1 = best", "名次"),
        _c("rank_low", pa.int64(), "best rank in the set", "名次上限"),
        _c("rank_high", pa.int64(), "worst rank in the set", "名次下限"),
        _c("of", pa.int64(), "units ranked in the group", "参评单位数"),
        _c(
            "expected_rank",
            pa.float64(),
            "expected rank after noisy totals were drawn towards the mean; where declared",
            "期望名次（收缩后，须声明）",
        ),
        _c(
            "top_probability",
            pa.float64(),
            "probability of being among the best (as many as declared)",
            "位居前列的概率",
        ),
        _c(
            "bottom_probability",
            pa.float64(),
            "probability of being among the last (as many as declared)",
            "位居末列的概率",
        ),
        _c(
            "tier",
            pa.int64(),
            "tier, 1 = best: as many tiers as the declared share of wrong orders allows",
            "梯队（在声明的错排比例内划分，1为最好）",
        ),
    ),
)
GAPS = TableSpec(
    "gaps",
    Text("Points lost, biggest first, with what would win them back", "失分清单"),
    ("unit", "contract", "line"),
    (
        UNIT,
        _c("contract", KEY, "contract", "责任书"),
        _c("line", KEY, "line", "条款"),
        _c("lost", pa.float64(), "points lost", "失分"),
        _c("order", pa.int64(), "1 = most points lost by this unit", "顺序"),
        _c("value", pa.float64(), "value now", "现值"),
        _c("needed", pa.float64(), "value that earns all points", "满分值"),
        _c(
            "events_needed",
            pa.float64(),
            "further events in the numerator that would reach it, denominator unchanged",
            "还需例数",
        ),
        _c("reason", KEY, "below_target, missing, incidents, undone, late", "失分原因"),
    ),
)
ALLOCATIONS = TableSpec(
    "allocations",
    Text("Totals given out to units; the parts add up", "分配结果"),
    ("allocation", "unit"),
    (
        _c("allocation", KEY, "allocation", "分配"),
        UNIT,
        _c("basis_value", pa.float64(), "weight it was given by", "分配依据"),
        _c("share", pa.float64(), "exact share before rounding", "理论份额"),
        _c("amount", pa.float64(), "amount given", "分配额"),
    ),
)
UNITS = TableSpec(
    "units",
    Text("Units as they stood in the run's period", "单位"),
    ("unit",),
    (
        UNIT,
        _c("name_en", KEY, "name", "名称（英文）"),
        _c("name_zh", KEY, "name in Chinese", "名称"),
        LEVEL,
        _c("parent", KEY, "parent unit", "上级单位"),
        _c("opened", pa.date32(), "first day", "启用日期"),
        _c("closed", pa.date32(), "day it ceased", "停用日期"),
        _c("attributes", KEY, "further declared attributes (JSON)", "其他属性"),
    ),
)
REPORTS = TableSpec(
    "reports",
    Text("Reports due, received and in time by dataset, unit and period", "报表应报、实报、及时情况"),
    ("period", "unit", "dataset"),
    (
        _c("dataset", KEY, "dataset", "数据集"),
        UNIT,
        LEVEL,
        PERIOD,
        FREQUENCY,
        EXPECTED,
        RECEIVED,
        _c("on_time", pa.int64(), "received by the due date", "按时数"),
        _c("late", pa.int64(), "received after the due date", "迟报数"),
    ),
)
BATCHES = TableSpec(
    "batches",
    Text("Deliveries that the run's data came in", "数据批次"),
    ("batch",),
    (
        _c("batch", pa.int64(), "batch", "批次"),
        _c("source", KEY, "source or dataset it was received as", "来源"),
        _c("file", KEY, "file name", "文件名"),
        _c("hash", KEY, "sha256 of the file", "文件哈希"),
        _c("received_at", KEY, "when it was received", "接收时间"),
        _c("taken", pa.int64(), "rows taken", "采用行数"),
        _c("corrected", pa.int64(), "rows that corrected earlier ones", "更正行数"),
        _c("refused", pa.int64(), "rows refused", "拒收行数"),
    ),
)
LINEAGE = TableSpec(
    "lineage",
    Text("Which batches a unit's data of the run's period came in", "数据来源"),
    ("dataset", "unit", "batch"),
    (
        _c("dataset", KEY, "dataset", "数据集"),
        UNIT,
        _c("batch", pa.int64(), "batch", "批次"),
        _c("rows", pa.int64(), "rows in force", "有效行数"),
        _c("corrected", pa.int64(), "of which correct an earlier row", "其中更正"),
    ),
)
VERDICTS = TableSpec(
    "verdicts",
    Text("What verification decides about every value, with evidence", "对每个数值的核查结论及证据"),
    ("verification", "unit", "period", "item"),
    (
        _c("verification", KEY, "verification", "核查"),
        _c("dataset", KEY, "dataset", "数据集"),
        UNIT,
        PERIOD,
        _c("item", KEY, "item", "指标项"),
        _c("reported", pa.float64(), "value in force as reported; NULL when none was", "上报值"),
        _c("recounted", pa.float64(), "value found by recount", "复核值"),
        _c("value", pa.float64(), "value to go on with; NULL when missing", "采用值"),
        _c("low", pa.float64(), "lower limit of an estimated value", "区间下限"),
        _c("high", pa.float64(), "upper limit of an estimated value", "区间上限"),
        _c("verdict", KEY, "accepted, corrected, recounted, estimated, disputed or missing", "结论"),
        _c("basis", KEY, "reported, corrected, recounted, estimated or missing", "依据"),
        _c("reason", KEY, "why, as a code", "理由"),
        _c(
            "nature",
            KEY,
            "of the unit's differences: none, error, inquiry; falsification only when ruled",
            "差异性质",
        ),
        _c(
            "counts",
            KEY,
            "what gates of contracts count it as, the unit heard: recounted, falsified, or nothing",
            "责任书否决项计为（听取说明之后）：复核更正、造假，或不计",
        ),
        _c("evidence", KEY, "evidence (JSON)", "证据"),
    ),
)
FACTORS = TableSpec(
    "factors",
    Text("Verification factors: recounted ÷ reported", "核实系数：复核值÷上报值"),
    ("verification", "item", "stratum"),
    (
        _c("verification", KEY, "verification", "核查"),
        _c("item", KEY, "item", "指标项"),
        _c("stratum", KEY, "stratum; empty for all", "层，空为全部"),
        _c("units", pa.int64(), "units recounted", "复核单位数"),
        _c("pairs", pa.int64(), "values recounted", "复核数值数"),
        _c("reported", pa.float64(), "sum reported", "上报合计"),
        _c("recounted", pa.float64(), "sum recounted", "复核合计"),
        _c("factor", pa.float64(), "recounted ÷ reported", "核实系数"),
        _c("low", pa.float64(), "lower limit (95 %)", "区间下限"),
        _c("high", pa.float64(), "upper limit (95 %)", "区间上限"),
        _c(
            "band",
            KEY,
            "agrees (within 5 %), tolerable (10 %), over_reported, under_reported, unknown",
            "等次",
        ),
        _c("others_reported", pa.float64(), "sum reported by units not recounted", "未复核单位上报合计"),
        _c(
            "others_expected",
            pa.float64(),
            "what a recount of those would find, at this factor",
            "未复核单位推算合计",
        ),
    ),
)
QUALITY = TableSpec(
    "quality",
    Text("Data quality review: each metric over all units, and how many units miss it", "数据质量评审汇总"),
    ("metric", "subject"),
    (
        _c("domain", KEY, "completeness, internal or external", "维度"),
        _c(
            "metric",
            KEY,
            "reporting, timeliness, data, outliers_extreme, outliers_moderate, outliers_modified_z, over_time, related, "
            "equal, dropout or external",
            "指标",
        ),
        _c("subject", KEY, "dataset, measure or pair of figures", "对象"),
        _c(
            "value",
            pa.float64(),
            "over all units: per cent, or a ratio (external: the units' median)",
            "总体值",
        ),
        _c("threshold", pa.float64(), "threshold for a unit", "单位阈值"),
        _c("units", pa.int64(), "units for which it is known", "可判断单位数"),
        _c("flagged", pa.int64(), "units that miss it", "未达到单位数"),
        _c("share", pa.float64(), "flagged of units, %", "未达到占比"),
        _c("missed", pa.string(), "which units miss it (JSON); empty in public", "未达到单位"),
    ),
)
TABLES: dict[str, TableSpec] = {
    table.name: table
    for table in (
        MEASURES,
        INDICATORS,
        DIFFERENCES,
        COMPOSITES,
        FINDINGS,
        SCORES,
        TOTALS,
        RANKS,
        SENSITIVITY,
        GAPS,
        ALLOCATIONS,
        UNITS,
        REPORTS,
        BATCHES,
        LINEAGE,
        VERDICTS,
        FACTORS,
        QUALITY,
    )
}
STAMP = ("run", "programme_hash", "data_version", "code_version")
"""Added to every row when a run is written."""
