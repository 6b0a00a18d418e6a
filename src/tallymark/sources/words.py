"""Words that stand for values in cells, folded: no value, none, zero, yes, no, totals, months, what is counted."""

from __future__ import annotations


def listed(words: str) -> frozenset[str]:
    """Words and phrases written with bars between them."""
    return frozenset(word.strip() for word in words.split("|"))


MISSING = listed(
    "n/a|na|n.a.|n.a|#n/a|#na|nan|null|missing|unknown|not available|not reported|not applicable|nd|n/d|nr|n/r|"
    "no data|nodata|..|...|…|缺|缺失|缺报|未报|未上报|不详|未知|不适用|空|暂缺|无数据|未统计|"
    "non disponible|manquant|inconnu"
)
"""What says that there is no value."""
UNCLEAR = listed("-|--|---|–|—|―|−|_|/|\\|.|nil|none|无|没有|∅|x|neant|aucun|ø")
"""What may mean none or not reported: never taken as zero."""
ZERO = listed("zero|零|〇|○")
YES = listed("yes|y|true|t|1|1.0|是|有|对|真|√|✓|✔|☑|oui|o|vrai|已|合格|达标|on")
NO = listed("no|n|false|f|0|0.0|否|无|错|假|×|✗|✘|☐|non|faux|未|没有|不|不合格|未达标|off|x")
TOTALS = listed("total|totals|grand total|sum|ensemble|合计|总计|小计|共计|总和")
"""What people call a row of sums."""
COUNTED = listed(
    "人|例|个|名|户|份|次|天|日|岁|元|支|盒|瓶|片|剂|剂次|件|场|对|封|台|辆|克|千克|公斤|毫升|人次|人份|粒|套|张|笔|宗|起|村|家|"
    "dose|doses|person|persons|people|women|woman|men|man|child|children|birth|births|case|cases|visit|visits|"
    "kg|g|mg|ml|l|cm|day|days|d|hour|hours|h|hrs|year|years|yuan|rmb|cny|usd|pcs|pc|pieces|tablet|tablets|vial|vials|"
    "report|reports|household|households|personnes|cas|jours|enfants|femmes"
)
"""Words behind a number that say what is counted; nothing is converted."""


def _months() -> dict[str, int]:
    english = "january|february|march|april|may|june|july|august|september|october|november|december"
    french = "janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre|octobre|novembre|decembre"
    chinese = "一月|二月|三月|四月|五月|六月|七月|八月|九月|十月|十一月|十二月"
    names = {name: at for words in (english, french, chinese) for at, name in enumerate(words.split("|"), 1)}
    names |= {name[:3]: at for at, name in enumerate(english.split("|"), 1)}
    names |= {"sept": 9, "janv": 1, "fevr": 2, "fev": 2, "avr": 4, "juil": 7, "正月": 1}
    return names | {f"{at}{word}": at for at in range(1, 13) for word in ("月", "月份")}


MONTHS = _months()
"""Month names and usual short forms in English, French and Chinese → 1 to 12."""
