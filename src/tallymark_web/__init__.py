"""Where an office works every day: entry, findings, scorecards, people. It imports tallymark, never the reverse."""
