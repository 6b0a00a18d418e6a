"""Declared programmes: read, checked, resolved."""
