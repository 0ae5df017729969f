"""Lines as columns of text in the standard's own form: one function for each data set, by field name.

A column is an Arrow array of strings or, where every line says the same, a Python string. Text that a
comma or quotation mark would break is already quoted, as `quoted` does it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache, lru_cache

import numpy as np

from speccom.contracts.synthesise import shapes
from speccom.contracts.synthesise.catalogue import STATUSES
from speccom.contracts.synthesise.cells import (
    Columns,
    Ints,
    Mask,
    Strings,
    choose,
    join,
    look_up,
    numbers,
    pounds,
    texts,
    unit_price,
)
from speccom.contracts.synthesise.lines import NONE, Lines
from speccom.contracts.synthesise.patients import (
    EPOCH,
    PRACTICES_PER_AREA,
    WITHHELD_SHARE,
    nhs_numbers,
)
from speccom.contracts.synthesise.world import World
from speccom.period import Month

MARK = "SYNTHETIC"
_OLDEST = date(1900, 1, 1)
_POSTCODES_BETWEEN_HOMES = 211
_ETHNIC = ["A", "B", "C", "D", "F", "G", "H", "J", "K", "L", "M", "N", "P", "R", "S", "Z", "99"]
_ETHNIC_SHARES = [
    0.68,
    0.01,
    0.05,
    0.01,
    0.01,
    0.01,
    0.03,
    0.03,
    0.01,
    0.02,
    0.02,
    0.03,
    0.01,
    0.01,
    0.02,
    0.04,
    0.01,
]
_SITE = "ORGANISATION SITE IDENTIFIER (OF TREATMENT)"
_RESIDENCE = "ORGANISATION IDENTIFIER (RESIDENCE RESPONSIBILITY)"
# Steps of the pools whose payer follows from the patient's home.
_BY_HOME = {"home", "devolved", "region", "justice_hub"}
_ADMITTED = {"EL", "NEL", "DC", "ELXBD", "IPOBD", "NELNE"}
_WITHHELD = ["01", "02", "03", "97", "99"]


@dataclass(frozen=True)
class Vocabulary:
    """Every text that lines of a world point at, in the order of their indices."""

    months: Strings
    service: Strings
    delivery: Strings
    area: Strings
    body: Strings
    treatment_function: Strings
    function_of: Ints  # offers × places
    tariff: Strings
    tariff_of: Ints  # (offers, then deliveries) × places
    day: Strings  # from _OLDEST
    practice: Strings
    postcode: Strings
    item_name: Strings
    item_code: Strings
    item_strength: Strings
    item_unit: Strings
    item_route: Strings
    item_dispensing: Strings


def columns(world: World, provider: int, lines: Lines, first: int, created: str) -> Columns:
    """The columns of one data set's lines (all of one set), by the standard's names.

    `first` numbers the lines within the file. Fields that are not here are empty.
    """
    code = world.providers[provider]
    data_set = int(lines.data_set[0])
    number = numbers(np.arange(first, first + len(lines)))
    shared = _submission(world, code, lines, created) | _people(world, code, lines) | _service(world, lines)
    own = (_activity, _drugs, _devices)[data_set]
    return shared | own(world, code, lines, number)


def _submission(world: World, code: str, lines: Lines, created: str) -> Columns:
    words = _vocabulary(world)
    sites = texts([f"{code}01", f"{code}02", f"{code}03"])
    site = np.where(lines.responsible < 0, -1, lines.offer % 3)
    responsible = look_up(words.area, lines.responsible)
    return {
        "FINANCIAL MONTH": look_up(words.months, lines.month),
        "FINANCIAL YEAR": world.year.code,
        "DATE AND TIME DATA SET CREATED": created,
        "ORGANISATION IDENTIFIER (CODE OF PROVIDER)": code,
        _SITE: look_up(sites, site),
        "ORGANISATION IDENTIFIER (GP PRACTICE RESPONSIBILITY)": responsible,
        _RESIDENCE: responsible,
        "ORGANISATION IDENTIFIER (CODE OF COMMISSIONER)": look_up(words.body, lines.payer),
    }


def _people(world: World, code: str, lines: Lines) -> Columns:
    """Who the patient is. Where identity is withheld, or the line is money only, nothing says who."""
    words, patients = _vocabulary(world), world.patients
    person = lines.patient >= 0
    patient = np.maximum(lines.patient, 0)
    withheld = person & (patients.chance(patient, "withheld") < WITHHELD_SHARE)
    known = person & ~withheld
    kind = patients.kind(patient)
    born = patients.birth_day(patient, kind) + (EPOCH - _OLDEST).days
    gender = np.where(kind < 2, patients.chance(patient, "gender") < 0.5, kind == 2)
    ethnic = np.searchsorted(np.cumsum(_ETHNIC_SHARES)[:-1], patients.chance(patient, "ethnic"))
    practice = patients.blocks[lines.home] * PRACTICES_PER_AREA + (
        patients.chance(patient, "practice") * PRACTICES_PER_AREA
    ).astype(np.int64)
    reason = (patients.chance(patient, "reason") * len(_WITHHELD)).astype(np.int64)
    postcode = (patients.chance(patient, "postcode") * len(words.postcode)).astype(np.int64)
    moved = patients.moves[patient].astype(np.int64)
    postcode = (postcode + moved * _POSTCODES_BETWEEN_HOMES) % len(words.postcode)
    return {
        "GENERAL MEDICAL PRACTICE CODE (PATIENT REGISTRATION)": look_up(
            words.practice, np.where(person, practice, len(words.practice) - 1)
        ),
        "WITHHELD IDENTITY REASON": look_up(texts(_WITHHELD), np.where(withheld, reason, -1)),
        "NHS NUMBER": numbers(nhs_numbers(patient), known),
        "LOCAL PATIENT IDENTIFIER (EXTENDED)": join(f"{code}-", numbers(patient, known)),
        "POSTCODE OF USUAL ADDRESS": look_up(words.postcode, np.where(known, postcode, -1)),
        "PERSON BIRTH DATE": look_up(words.day, np.where(known, born, -1)),
        "AGE AT ACTIVITY DATE (CONTRACT MONITORING)": numbers(
            _age(born, lines.start + (EPOCH - _OLDEST).days), person
        ),
        "PERSON STATED GENDER CODE": look_up(
            texts(["1", "2"]), np.where(person, gender.astype(np.int64), -1)
        ),
        "ETHNIC CATEGORY": look_up(texts(_ETHNIC), np.where(person, ethnic, -1)),
    }


def _service(world: World, lines: Lines) -> Columns:
    words = _vocabulary(world)
    function = words.function_of[lines.offer, np.maximum(lines.treatment_function, 0)]
    return {
        "ACTIVITY TREATMENT FUNCTION CODE": look_up(
            words.treatment_function, np.where(lines.treatment_function < 0, -1, function)
        ),
        "COMMISSIONED SERVICE CATEGORY CODE": numbers(lines.category),
        "SERVICE CODE": look_up(words.service, lines.offer),
        "POINT OF DELIVERY CODE": look_up(words.delivery, lines.delivery),
        "TOTAL COST": pounds(lines.pence),
    }


def _activity(world: World, code: str, lines: Lines, number: Strings) -> Columns:
    words = _vocabulary(world)
    start, end = (day + (EPOCH - _OLDEST).days for day in (lines.start, lines.end))
    non_activity = _deliveries_are("non-activity")[lines.delivery]
    admitted = _deliveries_are("admitted")[lines.delivery]
    stays = np.where(admitted, lines.end - lines.start, -1)
    attended = _deliveries_are("attended")[lines.delivery]
    return {
        "CDS UNIQUE IDENTIFIER": join(f"{MARK}{code}A", number),
        "HOSPITAL PROVIDER SPELL IDENTIFIER": choose(admitted, join(f"{code}S", number), None),
        "OUTPATIENT ATTENDANCE IDENTIFIER": choose(attended, join(f"{code}O", number), None),
        "ACTIVITY START DATE (CONTRACT MONITORING)": look_up(words.day, start),
        "ACTIVITY END DATE (CONTRACT MONITORING)": look_up(words.day, end),
        "ADJUSTED LENGTH OF STAY": numbers(stays, admitted),
        "CONTRACT MONITORING ADDITIONAL DETAIL (FIRST)": MARK,
        "TARIFF CODE": _tariff(world, lines),
        "NATIONAL TARIFF INDICATOR": look_up(texts(["N", "Y"]), np.where(non_activity, 0, lines.tariff % 2)),
        "ACTIVITY COUNT (POINT OF DELIVERY)": numbers(lines.units),
        "ACTIVITY UNIT PRICE": unit_price(lines.pence, lines.units),
    }


def _tariff(world: World, lines: Lines) -> Strings:
    """The HRG of each line: its point of delivery's own, else one of its service's; none without activity."""
    words = _vocabulary(world)
    own = np.array([bool(look.tariff_codes) for look in shapes.deliveries()])[lines.delivery]
    among = np.where(own, len(world.catalogue.offers) + lines.delivery, lines.offer)
    tariff = words.tariff_of[among, lines.tariff]
    return look_up(words.tariff, np.where(_deliveries_are("non-activity")[lines.delivery], NONE, tariff))


def _drugs(world: World, code: str, lines: Lines, number: Strings) -> Columns:
    words = _vocabulary(world)
    price = unit_price(lines.pence, lines.units)
    return {
        "CLINICAL INTERVENTION DATE (DRUG DISPENSED)": look_up(
            words.day, lines.start + (EPOCH - _OLDEST).days
        ),
        "HIGH COST TARIFF EXCLUDED DRUG CODE (SNOMED CT DM+D)": look_up(words.item_code, lines.item),
        "DRUG NAME (HIGH COST TARIFF EXCLUDED DRUG)": look_up(words.item_name, lines.item),
        "DRUG STRENGTH (HIGH COST TARIFF EXCLUDED DRUG)": look_up(words.item_strength, lines.item),
        "DRUG QUANTITY OR WEIGHT PROPORTION (HIGH COST TARIFF EXCLUDED DRUG)": numbers(lines.units),
        "DISPENSING ROUTE (HIGH COST TARIFF EXCLUDED DRUG)": look_up(words.item_dispensing, lines.item),
        "NON CDS UNIQUE IDENTIFIER": join(f"{MARK}{code}D", number),
        "LOCAL CONTRACT CODE DESCRIPTION": MARK,
        "UNIT PRICE (SUPPLIER)": price,
        "UNIT PRICE (COMMISSIONER)": price,
        "VALUE ADDED TAX CHARGED INDICATOR (CONTRACT MONITORING)": "N",
    }


def _devices(world: World, code: str, lines: Lines, number: Strings) -> Columns:
    words = _vocabulary(world)
    price = unit_price(lines.pence, lines.units)
    return {
        "NON CDS UNIQUE IDENTIFIER": join(f"{MARK}{code}V", number),
        "CLINICAL INTERVENTION DATE (MEDICAL DEVICE IMPLANTATION)": look_up(
            words.day, lines.start + (EPOCH - _OLDEST).days
        ),
        "HIGH LEVEL CODE (HIGH COST TARIFF EXCLUDED DEVICE)": look_up(words.item_code, lines.item),
        "MEDICAL DEVICE NAME (HIGH COST TARIFF EXCLUDED DEVICE)": look_up(words.item_name, lines.item),
        "MEDICAL DEVICE MANUFACTURER (HIGH COST TARIFF EXCLUDED DEVICE)": "Made-up Devices Ltd",
        "MEDICAL DEVICE SERIAL NUMBER (HIGH COST TARIFF EXCLUDED DEVICE)": join(f"SN-{code}-", number),
        "MEDICAL DEVICE SIZE (HIGH COST TARIFF EXCLUDED DEVICE)": look_up(words.item_strength, lines.item),
        "MEDICAL DEVICE QUANTITY (HIGH COST TARIFF EXCLUDED DEVICE)": numbers(lines.units),
        "LOCAL CONTRACT CODE DESCRIPTION": MARK,
        "UNIT PRICE (SUPPLIER)": price,
        "UNIT PRICE (COMMISSIONER)": price,
        "VALUE ADDED TAX CHARGED INDICATOR (CONTRACT MONITORING)": "Y",
    }


def aggregate(
    world: World, provider: int, lines: Lines, created: str, random: np.random.Generator
) -> Columns:
    """The ACM rows that a provider's lines add up to: actual exactly, plan with noise.

    One row for each month, commissioner, category, service, point of delivery and, where the patient's home
    decides who pays, area responsible. Treatment function and tariff code are those of a row's first line.
    """
    code = world.providers[provider]
    lines = replace(lines, responsible=np.where(_home_decides(world, lines), lines.responsible, NONE))
    first, row = _groups(_grain(world, lines))
    rows = lines.take(first)
    # Sums of pence stay whole in a float up to ninety million million pounds.
    pence = np.bincount(row, weights=lines.pence).astype(np.int64)
    activity = np.bincount(row, weights=lines.units).astype(np.int64)
    noise = 1 + 0.02 * random.standard_normal() + 0.06 * random.standard_normal(len(rows))
    planned = np.where(_deliveries_are("non-activity")[rows.delivery], 0, np.round(activity * noise))
    measures: Columns = {
        "CONTRACT MONITORING ADDITIONAL DETAIL (FIRST)": MARK,
        "TARIFF CODE": _tariff(world, rows),
        "CONTRACT MONITORING PLANNED ACTIVITY": numbers(planned.astype(np.int64)),
        "CONTRACT MONITORING PLANNED PRICE": pounds(np.round(pence * noise).astype(np.int64)),
        "CONTRACT MONITORING ACTUAL ACTIVITY": numbers(activity),
        "CONTRACT MONITORING ACTUAL PRICE": pounds(pence),
    }
    return (
        _submission(world, code, rows, created)
        | _service(world, rows)
        | measures
        | {_SITE: "", _RESIDENCE: ""}
    )


def _home_decides(world: World, lines: Lines) -> Mask:
    """Lines whose payer depends on where the patient lives."""
    pool = world.catalogue.pool[lines.offer]
    by_step = np.array([each.step in _BY_HOME for each in shapes.pools()])[pool]
    by_status = np.array([each.step == "status" for each in shapes.pools()])[pool]
    status = world.catalogue.status[lines.month, lines.offer]
    return by_step | (by_status & np.isin(status, [STATUSES["GREEN"], STATUSES["AMBER"]]))


def _grain(world: World, lines: Lines) -> tuple[Ints, ...]:
    """What an aggregate row is one of, the coarsest first."""
    service = _numbered(sorted(world.catalogue.codes), world.catalogue.codes)[lines.offer]
    # One point of delivery can stand in several shapes; a row is one for each code.
    codes = [look.code for look in shapes.deliveries()]
    delivery = _numbered(codes, codes)[lines.delivery]
    return lines.month, lines.payer, lines.category, service, delivery, lines.responsible


def _numbered(order: list[str], codes: list[str]) -> Ints:
    """A number for each code, by where it first stands in an order."""
    places = {code: place for place, code in reversed(list(enumerate(order)))}
    return np.array([places[code] for code in codes])


def _groups(grain: tuple[Ints, ...]) -> tuple[Ints, Ints]:
    """The first line of each group, groups in order; and the group of each line."""
    key = np.zeros(len(grain[0]), dtype=np.int64)
    for values in grain:
        key = key * (int(values.max(initial=NONE)) + 2) + values + 1
    _, first, row = np.unique(key, return_index=True, return_inverse=True)
    return first, row


def _age(born: Ints, on: Ints) -> Ints:
    year, day = _calendar()
    return year[on] - year[born] - (day[on] < day[born])


@lru_cache(maxsize=1)
def _calendar() -> tuple[Ints, Ints]:
    """Year, and month × 100 + day, of every day from the oldest on."""
    days = [_OLDEST + timedelta(day) for day in range(60_000)]
    return np.array([day.year for day in days]), np.array([day.month * 100 + day.day for day in days])


@cache
def _deliveries_are(kind: str) -> Mask:
    """Which deliveries are `non-activity`, `admitted` or `attended`."""
    tests: dict[str, Callable[[str], bool]] = {
        "non-activity": shapes.non_activity,
        "admitted": lambda code: code in _ADMITTED,
        "attended": lambda code: code.startswith(("OP", "NF2F")),
    }
    return np.array([tests[kind](look.code) for look in shapes.deliveries()])


@lru_cache(maxsize=1)
def _vocabulary(world: World) -> Vocabulary:
    catalogue = world.catalogue
    function_lists = [offer.look.treatment_functions for offer in catalogue.offers]
    functions = sorted({code for codes in function_lists for code in codes})
    tariff_lists = [
        *(offer.look.tariff_codes for offer in catalogue.offers),
        *(look.tariff_codes for look in shapes.deliveries()),
    ]
    tariffs = sorted({code for codes in tariff_lists for code in codes})
    items = shapes.all_items()
    letters = "ABDEFGHJLNPQRSTUWXYZ"
    last = (Month(world.year, 12).end - _OLDEST).days
    return Vocabulary(
        months=texts([str(number) for number in world.months]),
        service=texts(catalogue.codes),
        delivery=texts([look.code for look in shapes.deliveries()]),
        area=texts(world.places.areas),
        body=texts(world.places.bodies),
        treatment_function=texts(functions),
        function_of=_padded([[functions.index(code) for code in codes] for codes in function_lists]),
        tariff=texts(tariffs),
        tariff_of=_padded([[tariffs.index(code) for code in codes] for codes in tariff_lists]),
        day=texts([(_OLDEST + timedelta(day)).isoformat() for day in range(last)]),
        # No practice of England begins with X; the last code is the standard's for not applicable.
        practice=texts(
            [f"X{number:05d}" for number in range((world.patients.blocks.max() + 1) * PRACTICES_PER_AREA)]
            + ["V81998"]
        ),
        # ZZ99 is the Data Dictionary's area for postcodes that no address has.
        postcode=texts([f"ZZ99 {d}{a}{b}" for d in range(1, 10) for a in letters for b in letters]),
        item_name=texts([item.name for item in items]),
        item_code=texts([item.code for item in items]),
        item_strength=texts([item.strength for item in items]),
        item_unit=texts([item.unit for item in items]),
        item_route=texts([item.route for item in items]),
        item_dispensing=texts([item.dispensing_route for item in items]),
    )


def _padded(lists: list[list[int]]) -> Ints:
    width = max(1, *(len(each) for each in lists))
    return np.array([each + [-1] * (width - len(each)) for each in lists])
