"""Inspections that cannot be gamed: a frozen frame, a design, a draw committed in advance and redrawn by anyone."""
