"""Need models: from area data to a need index from which the effect of supply has been taken out.

`model_file` (what is asked) → `area_table` (checked rows) → `design` (columns of numbers) → `fit` (coefficients)
→ `index` (need with supply at its mean) → `diagnostics`, `sensitivity` → `workshop` (all of it as tables) → `kept`
(versions in the workspace). `area_tables` makes the area data from a ledger, `example` makes them up.
"""

from speccom.finance.needs.model_file import NeedModel, NeedsError, read_model
from speccom.finance.needs.workshop import Workshop, work_through

__all__ = ["NeedModel", "NeedsError", "Workshop", "read_model", "work_through"]
