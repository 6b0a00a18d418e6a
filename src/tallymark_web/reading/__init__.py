"""Figures as people here may see them; computed by the engine, never here."""
