"""Patterns in reported values that honest counting rarely makes: each says what is odd and what would settle it."""
