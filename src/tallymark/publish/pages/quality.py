"""The data quality review as a table: metric, what it is about, its value over all units, units that miss it."""

from __future__ import annotations

import json

from tallymark.publish.edition import Edition
from tallymark.publish.numbers import decimal

DOMAINS = {
    "completeness": "Completeness and timeliness",
    "internal": "Internal consistency",
    "external": "External consistency",
}
METRICS = {
    "reporting": "Reports received of those due (units below {threshold} %)",
    "timeliness": "Reports received in time (units below {threshold} %)",
    "data": "Months with a value (units below {threshold} %)",
    "outliers_extreme": "Values {threshold} standard deviations or more from the unit's mean (units with one)",
    "outliers_moderate": "Values {threshold} standard deviations or more from it, but not extreme (units with two)",
    "outliers_modified_z": "Values with a modified z above {threshold} (units with two)",
    "over_time": "This year over the mean of the three before (units more than {threshold} % away from all)",
    "related": "Ratio of related figures (units more than {threshold} % away from all)",
    "equal": "Ratio of figures that should be the same (units more than {threshold} % away from 1)",
    "dropout": "Dropout from first to last (units below {threshold} %)",
    "external": "Routine over another source, median (units more than {threshold} % away from 1)",
}
RATIOS = ("over_time", "related", "equal", "external")


def quality_rows(edition: Edition) -> list[dict[str, str | list[str]]]:
    """Rows of the review in its own order; none where none is declared."""
    programme, words = edition.facts.programme, edition.words
    titles = {name: one.title[edition.language] or name for name, one in programme.indicators.items()}
    titles |= {name: one.title[edition.language] or name for name, one in programme.measures.items()}
    titles |= {
        name: one.title[edition.language] or name for name, one in programme.datasets.items() if one.title
    }
    rows: list[dict[str, str | list[str]]] = []
    for row in edition.facts.tables["quality"].to_pylist():
        ratio = row["metric"] in RATIOS
        parts = [titles.get(part, part) for part in row["subject"].split(" ")]
        value = row["value"]
        rows.append({
            "domain": words(DOMAINS[row["domain"]]),
            "metric": words(METRICS[row["metric"]]).format(threshold=f"{row['threshold']:g}"),
            "subject": " ".join(parts),
            "value": "–" if value is None else f"{value:.2f}" if ratio else f"{value:.1f} %",
            "units": decimal(row["units"]),
            "flagged": decimal(row["flagged"]),
            "share": "–" if row["share"] is None else f"{row['share']:.0f} %",
            "missed": [edition.name(unit) for unit in json.loads(row["missed"] or "[]")],
        })  # fmt: skip
    return rows
