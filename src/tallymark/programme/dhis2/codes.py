"""What every finding of an import from DHIS2 means; the reference page is generated from this list."""

from __future__ import annotations

CODES: dict[str, str] = {
    "dhis2.not_supported": "An indicator with something in its expression that cannot be said here; left out.",
    "dhis2.tracker_left_out": "Data elements of individual events; left out.",
    "dhis2.no_data_set": "A data element in no data set; left out.",
    "dhis2.period_type": "A data set reported in a way that is not supported (half-years from April …); left out.",
    "dhis2.value_type": "A data element that holds something else than numbers; left out.",
    "dhis2.aggregation": "A data element aggregated in a way that is not supported; stored, not measured.",
    "dhis2.average": "A data element that DHIS2 averages over units; here over time only, and added up over units.",
    "dhis2.unit_in_two_groups": "A unit in two groups of the same group set.",
    "dhis2.word_unused": "A translation given for a text that the export does not have.",
}
