"""What every finding about declared units means; the reference page is generated from this list."""

from __future__ import annotations

CODES: dict[str, str] = {
    "units.no_code": "A unit without a code.",
    "units.duplicate": "A unit that is declared twice.",
    "units.unknown_level": "A unit at a level that is not declared.",
    "units.unknown_parent": "A unit under one that is not declared.",
    "units.no_parent": "A unit under none, below the highest level: it counts in no total above it.",
    "units.level_order": "A unit under one that is not at a level above, from the start or by a move.",
    "units.cycle": "Units that stand under one another.",
    "units.not_a_date": "A date that cannot be read, of a unit or of a change.",
    "units.not_a_number": "A share that is no number.",
    "units.closed_before_opened": "A unit that closes before, or on the day, it opens.",
    "units.before_parent": "Units that are older than the unit they stand under.",
    "units.left_behind": "Units that go on after the unit they stand under has ceased.",
    "units.change_shape": "A split, merge or move that does not say all it has to.",
    "units.change_unknown_unit": "A change that names a unit which is not declared.",
    "units.change_conflict": "Two changes of the same unit on the same day.",
    "units.change_outside_life": "A change of a unit that does not stand on that day.",
    "units.shares_not_one": "Shares of a split or merge that do not add up to 1.",
    "units.move_changes_nothing": "A move to where the unit already stands.",
    "units.opened_by_merge": "A successor without an opening date; it is taken to open with the merge.",
}
