"""Reminders by e-mail: what is due and overdue to each person, once, on working days."""
