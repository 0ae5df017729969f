"""Host basis against population basis: what each region's providers charge, and what its patients cost."""

from __future__ import annotations

import pyarrow as pa

from speccom.engine import Engine, run_steps
from speccom.ledger.reading import reading
from speccom.register import Register
from speccom.workspace import Workspace

OUTSIDE = {"OTHER NATION": "Other nations of the United Kingdom", "UNKNOWN": "Not known"}


def host_and_population(workspace: Workspace, month: int | None = None, year: str | None = None) -> pa.Table:
    """One row per region, and rows for other nations and for what is not known; pounds, patient-level.

    Columns: region, region_name, host (cost at the region's providers), population (cost of the region's
    patients), outflow, inflow, transfer. Transfer is population less host, which is outflow less inflow,
    and sums to nothing over the rows. Source: finance.md, "Bases".
    """
    register = Register.load(workspace)
    with reading(workspace, month, year) as (engine, _):
        register_regions(engine, register)
        run_steps(engine, __package__, ["placed", "crossed", "bases"])
        found = engine.fetch("select * from bases order by region")
    names = {**OUTSIDE, **{code: each.name for code, each in register.organisations.items()}}
    regions = [str(region) for region in found["region"].to_pylist()]
    # Regions before the two rows that are none: 'Y…' sorts after 'OTHER…' and 'UNKNOWN'.
    order = sorted(range(len(regions)), key=lambda row: (regions[row] in OUTSIDE, regions[row]))
    named = pa.array([names.get(region, region) for region in regions], pa.string())
    return found.add_column(1, "region_name", named).take(pa.array(order, pa.int64()))


def register_regions(engine: Engine, register: Register) -> None:
    """Make `provider_region` readable: the region of each provider known, those outside England too."""
    placed = [each for each in register.providers.values() if each.region]
    engine.register(
        "provider_region",
        pa.table(
            {
                "provider": pa.array([each.code for each in placed], pa.string()),
                "region": pa.array([each.region for each in placed], pa.string()),
            }
        ),
    )
