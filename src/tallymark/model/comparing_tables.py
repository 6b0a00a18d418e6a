"""Result tables that set figures against each other: changes, gaps, composites, other weights."""

from __future__ import annotations

import pyarrow as pa

from tallymark.model.table_parts import FREQUENCY, KEY, LEVEL, PERIOD, UNIT, TableSpec
from tallymark.model.table_parts import column as _c
from tallymark.model.text import Text

DIFFERENCES = TableSpec(
    "differences",
    Text(
        "Change from a year before, and gaps between groups, with intervals; the run's own period",
        "与上年同期的变化及组间差距，含区间；仅本期",
    ),
    ("unit", "period", "indicator", "breakdown", "category"),
    (
        UNIT,
        LEVEL,
        PERIOD,
        FREQUENCY,
        _c("indicator", KEY, "indicator", "指标"),
        _c("breakdown", KEY, "column whose groups are compared; empty for a change", "分组变量，变化为空"),
        _c("category", KEY, "group; empty for a change", "组别，变化为空"),
        _c("against", KEY, "period or group that it is compared with", "比较的时期或组别"),
        _c("value", pa.float64(), "figure", "指标值"),
        _c("other", pa.float64(), "figure that it is compared with", "比较值"),
        _c("difference", pa.float64(), "figure − the other", "差"),
        _c("low", pa.float64(), "lower limit of the difference (95 %)", "差的区间下限"),
        _c("high", pa.float64(), "upper limit of the difference", "差的区间上限"),
        _c("ratio", pa.float64(), "figure ÷ the other; NULL where there is no bound", "比"),
        _c("ratio_low", pa.float64(), "lower limit of the ratio", "比的区间下限"),
        _c("ratio_high", pa.float64(), "upper limit of the ratio", "比的区间上限"),
        _c("p", pa.float64(), "p of a difference at least this far from 0", "p值"),
        _c(
            "q",
            pa.float64(),
            "p adjusted for all units and groups of the level that are compared at once",
            "校正p值（同层级全部比较）",
        ),
        _c(
            "told",
            KEY,
            "higher, lower or similar: told apart where at most 5 % of what is told is expected to be false",
            "更高、更低或相近（错误发现率5%）",
        ),
    ),
)
COMPOSITES = TableSpec(
    "composites",
    Text(
        "Several figures as one, among units of a level, and how far other weights would move them; the run's own period",
        "同级单位的综合指数及权重变动的影响；仅本期",
    ),
    ("unit", "period", "composite"),
    (
        UNIT,
        LEVEL,
        PERIOD,
        FREQUENCY,
        _c("composite", KEY, "composite indicator", "综合指数"),
        _c(
            "value",
            pa.float64(),
            "scaled figures put together; NULL when one of them is missing",
            "综合值，任一部分缺失则为空",
        ),
        _c("basis", KEY, "what the weakest part rests on", "依据（最弱的一项）"),
        _c("rank", pa.float64(), "rank in the level, equals sharing the best", "同级名次"),
        _c("of", pa.float64(), "units of the level that have one", "同级有值单位数"),
        _c(
            "spread", pa.float64(), "share by which each weight is larger or smaller, at most", "权重变动幅度"
        ),
        _c(
            "value_low", pa.float64(), "value below which 2.5 % of the weights lead", "综合值下限（2.5%分位）"
        ),
        _c(
            "value_high",
            pa.float64(),
            "value above which 2.5 % of the weights lead",
            "综合值上限（97.5%分位）",
        ),
        _c("rank_low", pa.float64(), "better end of the ranks of 95 % of the weights", "名次上限（95%权重）"),
        _c("rank_high", pa.float64(), "worse end of the ranks of 95 % of the weights", "名次下限（95%权重）"),
        _c(
            "rank_best",
            pa.float64(),
            "no weights within the spread give a better rank",
            "任何权重下的最好名次",
        ),
        _c(
            "rank_worst",
            pa.float64(),
            "no weights within the spread give a worse rank",
            "任何权重下的最差名次",
        ),
        _c("same_rank", pa.float64(), "share of the weights under which the rank stays", "名次不变的比例"),
    ),
)
SENSITIVITY = TableSpec(
    "sensitivity",
    Text(
        "How far units move when the weights of lines are a little different",
        "条款权重略有变化时各单位的变动",
    ),
    ("unit", "contract"),
    (
        UNIT,
        _c("contract", KEY, "contract", "责任书"),
        _c("peer_group", KEY, "group of equals; empty when one", "同类组"),
        _c(
            "spread", pa.float64(), "share by which each weight is larger or smaller, at most", "权重变动幅度"
        ),
        _c("total", pa.float64(), "total", "总分"),
        _c("total_low", pa.float64(), "total below which 2.5 % of the weights lead", "总分下限（2.5%分位）"),
        _c(
            "total_high", pa.float64(), "total above which 2.5 % of the weights lead", "总分上限（97.5%分位）"
        ),
        _c("rank", pa.float64(), "rank with the declared weights, equals sharing the best", "名次"),
        _c("rank_low", pa.float64(), "better end of the ranks of 95 % of the weights", "名次上限（95%权重）"),
        _c("rank_high", pa.float64(), "worse end of the ranks of 95 % of the weights", "名次下限（95%权重）"),
        _c(
            "rank_best",
            pa.float64(),
            "no weights within the spread give a better rank",
            "任何权重下的最好名次",
        ),
        _c(
            "rank_worst",
            pa.float64(),
            "no weights within the spread give a worse rank",
            "任何权重下的最差名次",
        ),
        _c("same_rank", pa.float64(), "share of the weights under which the rank stays", "名次不变的比例"),
    ),
)
