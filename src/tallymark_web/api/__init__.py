"""The interface for programs: who one is by token, what is due, sending reports."""
