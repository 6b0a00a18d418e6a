"""Corrective actions: from a gap, a finding, a meeting or an order to a check by somebody else; and the meetings."""
