"""What can be offered and how big it is: every service line of the year, and the pools beside them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from speccom.contracts.synthesise import shapes
from speccom.contracts.synthesise.shapes import Item, LineShape, Pool
from speccom.period import Month
from speccom.register import Register, ServiceLine

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

STATUSES = {"GREEN": 1, "AMBER": 2, "RED": 3, "BLUE": 4}
NO_STATUS = 0
# The scale of distance decay in kilometres; the register gives places, nothing gives real flows.
REACH_KM = {"local": 6.0, "regional": 18.0, "national": 130.0}
STATUSES_BEGIN = date(2023, 4, 1)
# Pools whose lines are specialised services' or their drugs' and devices'; the others stand beside them.
_SPECIALISED_STEPS = ("status", "held_centrally")


@dataclass(frozen=True, slots=True)
class Offer:
    """One service code of one pool, with how its lines look."""

    pool: int
    line: ServiceLine
    look: LineShape

    @property
    def kind(self) -> Pool:
        return shapes.pools()[self.pool]

    @property
    def specialised(self) -> bool:
        """Whether it is a specialised service's care, drugs or devices."""
        return self.kind.step in _SPECIALISED_STEPS

    @property
    def shape(self) -> str:
        return {"DrPLCM": "excluded_drug", "DePLCM": "excluded_device"}.get(
            self.kind.data_set, self.look.shape
        )


@dataclass(frozen=True)
class Catalogue:
    """Every offer, those of a pool together, as columns for drawing.

    `pool`, `shape` and `reach` are indices; `people` is cumulative over shapes.PEOPLE; `status` is
    months × offers; `items` holds the weight of each drug, then each device, for each offer.
    """

    offers: list[Offer]
    pool: Ints
    shape: Ints
    reach: Ints
    people: Floats
    cost_factor: Floats
    mental_health: Mask
    status: Ints
    volume: Floats
    items: Floats

    @property
    def codes(self) -> list[str]:
        return [offer.line.code for offer in self.offers]

    def having(self, step: str) -> Mask:
        """Offers of the pools with a step."""
        return np.array([pool.step == step for pool in shapes.pools()])[self.pool]


def build(register: Register, periods: list[Month], starts: list[date]) -> Catalogue:
    """The catalogue of some months: codes and statuses are the register's, sizes assumptions.

    A line belongs to the pool of the first status that it has on any of `starts`: in a range of years those
    of all the years, so that a line is as big in each.
    """
    offers = [
        Offer(number, register.lines[code], pool.look or shapes.line_shape(register.lines[code].name))
        for number, pool in enumerate(shapes.pools())
        for code in pool.service_codes or _codes_of(register, pool, starts)
    ]
    items = _items(offers)
    return Catalogue(
        offers=offers,
        pool=np.array([offer.pool for offer in offers]),
        shape=np.array([shapes.shape_names().index(offer.shape) for offer in offers]),
        reach=np.array([list(REACH_KM).index(offer.look.reach) for offer in offers]),
        people=np.cumsum([shapes.PEOPLE_MIX[offer.look.people] for offer in offers], axis=1),
        cost_factor=np.array([shapes.lognormal(0.45, "cost", offer.line.code) for offer in offers]),
        mental_health=np.array([offer.line.mental_health for offer in offers]),
        status=np.array([[_status(register, offer, period) for offer in offers] for period in periods]),
        volume=_volumes(offers, items),
        items=items,
    )


def _status(register: Register, offer: Offer, period: Month) -> int:
    return STATUSES.get(register.line_status(offer.line.code, period.start) or "", NO_STATUS)


def has_status(register: Register, offer: Offer, on: date) -> bool:
    """Whether an offer can be made on a day: pools beside the service lines need no status."""
    if not offer.specialised:
        return True
    return register.line_status(offer.line.code, max(on, STATUSES_BEGIN)) in STATUSES


def _codes_of(register: Register, pool: Pool, starts: list[date]) -> list[str]:
    """The service lines of a pool: by the first status in the years, or by having a drug or device.

    Before there were statuses, a line is costed as it was when they began.
    """
    days = [max(start, STATUSES_BEGIN) for start in starts]
    wanted = {"green": ("GREEN",), "retained": ("AMBER", "RED", "BLUE")}.get(pool.name, tuple(STATUSES))
    lines = [
        line
        for code, line in sorted(register.lines.items())
        if next((status for day in days if (status := register.line_status(code, day)) in STATUSES), None)
        in wanted
    ]
    if pool.data_set != "PLCM":
        kept = _items_of(pool)
        lines = [
            line for line in lines if "_TOP" not in line.code and any(_fits(item, line) for item in kept)
        ]
    return [line.code for line in lines]


def _items_of(pool: Pool) -> tuple[Item, ...]:
    return shapes.items("devices" if pool.data_set == "DePLCM" else "drugs")


def _fits(item: Item, line: ServiceLine) -> bool:
    """Whether an excluded drug or device goes with a line; a national one goes with its fund alone."""
    if item.service_lines is None:
        return item.national_service == line.code
    return item.service_lines.search(line.name) is not None


def _items(offers: list[Offer]) -> Floats:
    """How often each drug and device goes with each offer; an item's weight is split by volume."""
    every = shapes.all_items()
    weights = np.zeros((len(offers), len(every)))
    for row, offer in enumerate(offers):
        own = _items_of(offer.kind) if offer.kind.data_set != "PLCM" else ()
        for column, item in enumerate(every):
            if item in own and _fits(item, offer.line):
                weights[row, column] = item.weight * offer.look.volume
    for pool in {offer.pool for offer in offers}:
        rows = [row for row, offer in enumerate(offers) if offer.pool == pool]
        totals = weights[rows].sum(axis=0)
        wanted = np.array([item.weight for item in every])
        weights[rows] *= np.divide(wanted, totals, out=np.zeros_like(wanted), where=totals > 0)
    return weights


def _volumes(offers: list[Offer], items: Floats) -> Floats:
    """How many lines each offer has beside the others of its pool: heavy-tailed, and its own in every run."""
    alike: dict[LineShape, int] = {}
    for offer in offers:
        if offer.kind.step == "status":
            alike[offer.look] = alike.get(offer.look, 0) + 1
    volumes = [
        offer.look.volume * shapes.lognormal(0.8, "volume", offer.line.code) / alike.get(offer.look, 1) ** 0.5
        for offer in offers
    ]
    in_patient_level = np.array([offer.kind.data_set == "PLCM" for offer in offers])
    return np.where(in_patient_level, volumes, items.sum(axis=1))
