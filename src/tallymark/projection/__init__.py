"""Projections declared in files: a scenario file and its tables → populations, futures, what planners need."""

from tallymark.projection.running import Result, run_scenarios
from tallymark.projection.scenario import Plan, load_plan
from tallymark.projection.writing import write_result

__all__ = ["Plan", "Result", "load_plan", "run_scenarios", "write_result"]
