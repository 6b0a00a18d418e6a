"""Codes of findings in prose."""

CODES = {
    "prose.ratio": "The counts quoted do not give the rate quoted.",
    "prose.no_counts": "No whole number of the stated base gives the rate (or no base fits the count).",
    "prose.sex_ratio": "No whole numbers of boys and girls give the sex ratio on the stated births, or the counts quoted give another.",
    "prose.sex_ratios_together": "The overall sex ratio and that of a part leave an implausible rest.",
    "prose.difference": "A difference is not what the two figures differ by, or goes the other way.",
    "prose.growth": "A growth rate is not what the two figures give, or is one of points where per cent is said.",
    "prose.total": "Parts do not add up to their total.",
    "prose.part": "A part is larger than its whole.",
    "prose.equation": "An equation written out does not hold.",
    "prose.over_100": "A rate that cannot be more than 100 % is.",
    "prose.average": "An average is not the total divided by the number.",
    "prose.product": "An amount is not the number times the amount for each.",
    "prose.split": "Shares of an amount are not in the ratio stated.",
    "prose.payments": "What each case is paid, times the cases, is more than was paid.",
    "prose.interval": "An estimate lies outside its interval, or the interval is upside down.",
    "prose.rates_apart": "Rates of the same population contradict each other or its size.",
    "prose.told_twice": "One thing is told with two figures.",
    "prose.used_twice": "The same uncommon figure stands for two different things.",
    "prose.blank": "A blank of the template was not filled in.",
    "prose.follows": "A figure is derived from one that does not hold.",
}
