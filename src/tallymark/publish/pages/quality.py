"""The data quality review as a table: metric, what it is about, its value over all units, units that miss it."""

from __future__ import annotations

from tallymark.publish.edition import Edition
from tallymark.publish.numbers import decimal

DOMAINS = {
    "completeness": "Completeness and timeliness",
    "internal": "Internal consistency",
    "external": "External consistency",
}
METRICS = {
    "reporting": "Reports received of those due (units below 75 %)",
    "timeliness": "Reports received in time (units below 75 %)",
    "data": "Months with a value (units below 90 %)",
    "outliers_extreme": "Values 3 standard deviations or more from the unit's mean (units with one)",
    "outliers_moderate": "Values 2 to 3 standard deviations from the unit's mean (units with two)",
    "outliers_modified_z": "Values with a modified z above 3.5 (units with one)",
    "over_time": "This year over the mean of the three before (units a third away from all)",
    "related": "Ratio of related figures (units a third away from all)",
    "dropout": "Dropout from first to last (units more than 2 % below 0)",
    "external": "Routine over another source, median (units a third away from 1)",
}
RATIOS = ("over_time", "related", "external")


def quality_rows(edition: Edition) -> list[dict[str, str]]:
    """Rows of the review in its own order; none where none is declared."""
    programme, words = edition.facts.programme, edition.words
    titles = {name: one.title[edition.language] or name for name, one in programme.indicators.items()}
    titles |= {name: one.title[edition.language] or name for name, one in programme.measures.items()}
    titles |= {
        name: one.title[edition.language] or name for name, one in programme.datasets.items() if one.title
    }
    rows = []
    for row in edition.facts.tables["quality"].to_pylist():
        ratio = row["metric"] in RATIOS
        parts = [titles.get(part, part) for part in row["subject"].split(" ")]
        value = row["value"]
        rows.append({
            "domain": words(DOMAINS[row["domain"]]),
            "metric": words(METRICS[row["metric"]]),
            "subject": " ".join(parts),
            "value": "–" if value is None else f"{value:.2f}" if ratio else f"{value:.1f} %",
            "units": decimal(row["units"]),
            "flagged": decimal(row["flagged"]),
            "share": "–" if row["share"] is None else f"{row['share']:.0f} %",
        })  # fmt: skip
    return rows
