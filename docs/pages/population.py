"""The population functions: signature and docstring."""

from __future__ import annotations

import inspect

from docs.pages.markdown import page
from docs.pages.signatures import described

from tallymark import population

INTRO = """`from tallymark.population import …`. Arrays in, arrays out, leading axes broadcast; sex 0 is male, 1 female, as in
data where they are 1 and 2; the last age group is open; NaN where something is not known, never 0. What they are for:
[Population](../population.md)."""


def population_page() -> str:
    """docs/reference/population.md."""
    things = {name: getattr(population, name) for name in population.__all__}
    names = sorted(things, key=lambda name: (inspect.isclass(things[name]), name))
    return page("Population", INTRO, *(part for name in names for part in described(name, things[name])))
