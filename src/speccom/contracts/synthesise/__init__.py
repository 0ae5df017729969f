"""Makes up contract-monitoring files that look real: four data sets, every trust, and no real patient.

`shapes` reads what things look like, `world` decides who offers what to whom, `patients` who the people
are, `lines` draws what happened, `sets` writes it in the standard's form, `dirt` spoils it as real files are.
Over several `years`, `cohort` lets the people go on, and `demand` brings in the `effects` that are planted.
"""

from speccom.contracts.synthesise.effects import Effect, PlantedError, planted, planted_effects
from speccom.contracts.synthesise.run import Made, SynthesiseError, synthesise

__all__ = [
    "Effect",
    "Made",
    "PlantedError",
    "SynthesiseError",
    "planted",
    "planted_effects",
    "synthesise",
]
