"""Verification: what was measured against what was declared."""
