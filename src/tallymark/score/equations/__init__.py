"""Systems of named equations, as results-based-financing engines write contracts: parsed by shape, solved at once."""

from __future__ import annotations

from tallymark.score.equations.errors import EquationError
from tallymark.score.equations.functions import DIVISIONS
from tallymark.score.equations.solve import solve

__all__ = ["DIVISIONS", "EquationError", "solve"]
