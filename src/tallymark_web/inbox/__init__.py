"""Findings as work: replies, evidence, decisions."""
