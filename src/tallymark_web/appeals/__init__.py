"""Appeals against a score, with a decision and its reasons."""
