"""Who may open the pages of decisions in the making."""

from __future__ import annotations

from speccom.site.core.permissions import define, holds
from speccom.site.decisions.states import ADOPTS, APPROVES, DRAFTS

OPEN = "decisions.open"

define(OPEN, holds(DRAFTS) | holds(APPROVES) | holds(ADOPTS))
