"""A synthetic place with known truth and planted faults."""

from tallymark.simulate.county import simulate_county
from tallymark.simulate.faults import Fault
from tallymark.simulate.files import Delivery
from tallymark.simulate.rates import Rates, load_rates
from tallymark.simulate.truth import Truth

__all__ = ["Delivery", "Fault", "Rates", "Truth", "load_rates", "simulate_county"]
