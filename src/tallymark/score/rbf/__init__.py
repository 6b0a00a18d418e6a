"""Results-based-financing contracts of other engines: read their project, build the equations, solve, compare."""

from __future__ import annotations

from tallymark.score.rbf.project import Project, Pyramid, read_project, read_pyramid
from tallymark.score.rbf.system import Output, System, build_system
from tallymark.score.rbf.units import write_units

__all__ = [
    "Output",
    "Project",
    "Pyramid",
    "System",
    "build_system",
    "read_project",
    "read_pyramid",
    "write_units",
]
