"""The pictures of the methods guide, drawn from our own functions on simulated figures."""

from __future__ import annotations

from collections.abc import Callable

from docs.pictures.counting import capture, dependence
from docs.pictures.quality import digits, heaping, surprises
from docs.pictures.sampling import lqas
from docs.pictures.units import funnel, intervals, ranks, shrinkage

PICTURES: dict[str, Callable[[], str]] = {
    one.__name__: one
    for one in (intervals, funnel, ranks, shrinkage, lqas, capture, dependence, heaping, digits, surprises)
}
