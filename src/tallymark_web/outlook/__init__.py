"""Projected populations of the workplace, of one's own units: statistics to plan by, never targets."""
