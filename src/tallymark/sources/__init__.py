"""Doors in: files as people send them become rows, findings and a receipt."""
