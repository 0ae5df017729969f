"""Facts in time: which service lines exist, who commissions them for whom, and which decision made it so."""

from speccom.register.facts import Fact, FactError
from speccom.register.model import (
    Answer,
    Area,
    Decision,
    Organisation,
    Provider,
    Service,
    ServiceLine,
    Source,
)
from speccom.register.refusals import NotActive, NotCommissioned, UnknownArea, UnknownServiceLine
from speccom.register.register import Register

__all__ = [
    "Answer",
    "Area",
    "Decision",
    "Fact",
    "FactError",
    "NotActive",
    "NotCommissioned",
    "Organisation",
    "Provider",
    "Register",
    "Service",
    "ServiceLine",
    "Source",
    "UnknownArea",
    "UnknownServiceLine",
]
