"""Scenarios: small files that say what would be otherwise, and what follows for everybody's money.

`file` reads one, `boards` and `moves` say what its changes mean, `cells` reads the base year's money and moves it,
`run` shares the years after, and `results` are the tables of that. Draws nothing.
"""

from __future__ import annotations

from speccom.finance.scenarios.file import LARGEST, Scenario, ScenarioError, parse
from speccom.finance.scenarios.run import Ran, Year, run
from speccom.finance.scenarios.shipped import LONGEST_NAME, find, kept, name_of, read_scenario, save, shipped

__all__ = [
    "LARGEST",
    "LONGEST_NAME",
    "Ran",
    "Scenario",
    "ScenarioError",
    "Year",
    "find",
    "kept",
    "name_of",
    "parse",
    "read_scenario",
    "run",
    "save",
    "shipped",
]
