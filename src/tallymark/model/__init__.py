"""The nouns: periods, units, result tables, expressions. Pure; nothing here reads or writes."""
