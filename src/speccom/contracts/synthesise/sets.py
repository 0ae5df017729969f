"""Lines as columns of text in the standard's own form: one function for each data set, by field name.

A column is an Arrow array of strings or, where every line says the same, a Python string. Text that a
comma or quotation mark would break is already quoted, as `quoted` does it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from speccom.contracts.synthesise import shapes
from speccom.contracts.synthesise.lines import Lines
from speccom.contracts.synthesise.patients import (
    EPOCH,
    PRACTICES_PER_AREA,
    WITHHELD_SHARE,
    nhs_numbers,
)
from speccom.contracts.synthesise.world import World
from speccom.period import Month

Ints = npt.NDArray[np.int64]
Column = pa.StringArray | str
Columns = dict[str, Column]

MARK = "SYNTHETIC"
_OLDEST = date(1900, 1, 1)
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
_WITHHELD = ["01", "02", "03", "97", "99"]


@dataclass(frozen=True)
class Texts:
    """Every text that lines of a world point at, in the order of their indices."""

    months: pa.StringArray
    service: pa.StringArray
    delivery: pa.StringArray
    area: pa.StringArray
    body: pa.StringArray
    treatment_function: pa.StringArray
    function_of: Ints  # offers × places
    tariff: pa.StringArray
    tariff_of: Ints  # (offers, then deliveries) × places
    day: pa.StringArray  # from _OLDEST
    practice: pa.StringArray
    postcode: pa.StringArray
    item_name: pa.StringArray
    item_code: pa.StringArray
    item_strength: pa.StringArray
    item_unit: pa.StringArray
    item_route: pa.StringArray
    item_dispensing: pa.StringArray


def quoted(text: str) -> str:
    """A CSV cell: quoted only where it has to be."""
    return '"' + text.replace('"', '""') + '"' if any(mark in text for mark in ',"\r\n') else text


def columns(world: World, provider: int, lines: Lines, first: int, created: str) -> Columns:
    """The columns of one data set's lines (all of one set), by the standard's names.

    `first` numbers the lines within the file. Fields that are not here are empty.
    """
    code = world.providers[provider]
    data_set = int(lines.data_set[0])
    number = pa.array(np.arange(first, first + len(lines))).cast(pa.string())
    shared = _submission(world, code, lines, created) | _people(world, code, lines) | _service(world, lines)
    own = (_activity, _drugs, _devices)[data_set]
    return shared | own(world, code, lines, number)


def _submission(world: World, code: str, lines: Lines, created: str) -> Columns:
    texts = _texts(world)
    sites = texts_of([f"{code}01", f"{code}02", f"{code}03"])
    site = np.where(lines.responsible < 0, -1, lines.offer % 3)
    responsible = _look_up(texts.area, lines.responsible)
    return {
        "FINANCIAL MONTH": _look_up(texts.months, lines.month),
        "FINANCIAL YEAR": world.year.code,
        "DATE AND TIME DATA SET CREATED": created,
        "ORGANISATION IDENTIFIER (CODE OF PROVIDER)": code,
        "ORGANISATION SITE IDENTIFIER (OF TREATMENT)": _look_up(sites, site),
        "ORGANISATION IDENTIFIER (GP PRACTICE RESPONSIBILITY)": responsible,
        "ORGANISATION IDENTIFIER (RESIDENCE RESPONSIBILITY)": responsible,
        "ORGANISATION IDENTIFIER (CODE OF COMMISSIONER)": _look_up(texts.body, lines.payer),
    }


def _people(world: World, code: str, lines: Lines) -> Columns:
    """Who the patient is. Where identity is withheld, or the line is money only, nothing says who."""
    texts, patients = _texts(world), world.patients
    person = lines.patient >= 0
    patient = np.maximum(lines.patient, 0)
    withheld = person & (patients.chance(patient, "withheld") < WITHHELD_SHARE)
    known = person & ~withheld
    kind = patients.kind(patient)
    born = patients.birth_day(patient, kind) + (EPOCH - _OLDEST).days
    gender = np.where(kind < 2, patients.chance(patient, "gender") < 0.5, kind == 2)
    ethnic = np.searchsorted(np.cumsum(_ETHNIC_SHARES)[:-1], patients.chance(patient, "ethnic"))
    practice = lines.home * PRACTICES_PER_AREA + (
        patients.chance(patient, "practice") * PRACTICES_PER_AREA
    ).astype(np.int64)
    reason = (patients.chance(patient, "reason") * len(_WITHHELD)).astype(np.int64)
    postcode = (patients.chance(patient, "postcode") * len(texts.postcode)).astype(np.int64)
    return {
        "GENERAL MEDICAL PRACTICE CODE (PATIENT REGISTRATION)": _look_up(
            texts.practice, np.where(person, practice, len(texts.practice) - 1)
        ),
        "WITHHELD IDENTITY REASON": _look_up(texts_of(_WITHHELD), np.where(withheld, reason, -1)),
        "NHS NUMBER": _numbers(nhs_numbers(patient), known),
        "LOCAL PATIENT IDENTIFIER (EXTENDED)": _join(f"{code}-", _numbers(patient, known)),
        "POSTCODE OF USUAL ADDRESS": _look_up(texts.postcode, np.where(known, postcode, -1)),
        "PERSON BIRTH DATE": _look_up(texts.day, np.where(known, born, -1)),
        "AGE AT ACTIVITY DATE (CONTRACT MONITORING)": _numbers(
            _age(born, lines.start + (EPOCH - _OLDEST).days), person
        ),
        "PERSON STATED GENDER CODE": _look_up(
            texts_of(["1", "2"]), np.where(person, gender.astype(np.int64), -1)
        ),
        "ETHNIC CATEGORY": _look_up(texts_of(_ETHNIC), np.where(person, ethnic, -1)),
    }


def _service(world: World, lines: Lines) -> Columns:
    texts = _texts(world)
    function = texts.function_of[lines.offer, np.maximum(lines.treatment_function, 0)]
    return {
        "ACTIVITY TREATMENT FUNCTION CODE": _look_up(
            texts.treatment_function, np.where(lines.treatment_function < 0, -1, function)
        ),
        "COMMISSIONED SERVICE CATEGORY CODE": _numbers(lines.category),
        "SERVICE CODE": _look_up(texts.service, lines.offer),
        "POINT OF DELIVERY CODE": _look_up(texts.delivery, lines.delivery),
        "TOTAL COST": pounds(lines.pence),
    }


def _activity(world: World, code: str, lines: Lines, number: pa.StringArray) -> Columns:
    texts = _texts(world)
    start, end = (day + (EPOCH - _OLDEST).days for day in (lines.start, lines.end))
    non_activity = _deliveries_are("non-activity")[lines.delivery]
    admitted = _deliveries_are("admitted")[lines.delivery]
    stays = np.where(admitted, lines.end - lines.start, -1)
    attended = _deliveries_are("attended")[lines.delivery]
    own = np.array([len(look.tariff_codes) for look in shapes.deliveries()])[lines.delivery] > 0
    list_ = np.where(own, len(world.catalogue.code) + lines.delivery, lines.offer)
    tariff = np.where(non_activity, -1, texts.tariff_of[list_, lines.tariff])
    return {
        "CDS UNIQUE IDENTIFIER": _join(f"{MARK}{code}A", number),
        "HOSPITAL PROVIDER SPELL IDENTIFIER": _only(admitted, _join(f"{code}S", number)),
        "OUTPATIENT ATTENDANCE IDENTIFIER": _only(attended, _join(f"{code}O", number)),
        "ACTIVITY START DATE (CONTRACT MONITORING)": _look_up(texts.day, start),
        "ACTIVITY END DATE (CONTRACT MONITORING)": _look_up(texts.day, end),
        "ADJUSTED LENGTH OF STAY": _numbers(stays, admitted),
        "CONTRACT MONITORING ADDITIONAL DETAIL (FIRST)": MARK,
        "TARIFF CODE": _look_up(texts.tariff, tariff),
        "NATIONAL TARIFF INDICATOR": _look_up(
            texts_of(["N", "Y"]), np.where(non_activity, 0, lines.tariff % 2)
        ),
        "ACTIVITY COUNT (POINT OF DELIVERY)": _numbers(lines.units),
        "ACTIVITY UNIT PRICE": unit_price(lines),
    }


def _drugs(world: World, code: str, lines: Lines, number: pa.StringArray) -> Columns:
    texts = _texts(world)
    price = unit_price(lines)
    return {
        "CLINICAL INTERVENTION DATE (DRUG DISPENSED)": _look_up(
            texts.day, lines.start + (EPOCH - _OLDEST).days
        ),
        "HIGH COST TARIFF EXCLUDED DRUG CODE (SNOMED CT DM+D)": _look_up(texts.item_code, lines.item),
        "DRUG NAME (HIGH COST TARIFF EXCLUDED DRUG)": _look_up(texts.item_name, lines.item),
        "DRUG STRENGTH (HIGH COST TARIFF EXCLUDED DRUG)": _look_up(texts.item_strength, lines.item),
        "DRUG QUANTITY OR WEIGHT PROPORTION (HIGH COST TARIFF EXCLUDED DRUG)": _numbers(lines.units),
        "DISPENSING ROUTE (HIGH COST TARIFF EXCLUDED DRUG)": _look_up(texts.item_dispensing, lines.item),
        "NON CDS UNIQUE IDENTIFIER": _join(f"{MARK}{code}D", number),
        "LOCAL CONTRACT CODE DESCRIPTION": MARK,
        "UNIT PRICE (SUPPLIER)": price,
        "UNIT PRICE (COMMISSIONER)": price,
        "VALUE ADDED TAX CHARGED INDICATOR (CONTRACT MONITORING)": "N",
    }


def _devices(world: World, code: str, lines: Lines, number: pa.StringArray) -> Columns:
    texts = _texts(world)
    price = unit_price(lines)
    return {
        "NON CDS UNIQUE IDENTIFIER": _join(f"{MARK}{code}V", number),
        "CLINICAL INTERVENTION DATE (MEDICAL DEVICE IMPLANTATION)": _look_up(
            texts.day, lines.start + (EPOCH - _OLDEST).days
        ),
        "HIGH LEVEL CODE (HIGH COST TARIFF EXCLUDED DEVICE)": _look_up(texts.item_code, lines.item),
        "MEDICAL DEVICE NAME (HIGH COST TARIFF EXCLUDED DEVICE)": _look_up(texts.item_name, lines.item),
        "MEDICAL DEVICE MANUFACTURER (HIGH COST TARIFF EXCLUDED DEVICE)": "Made-up Devices Ltd",
        "MEDICAL DEVICE SERIAL NUMBER (HIGH COST TARIFF EXCLUDED DEVICE)": _join(f"SN-{code}-", number),
        "MEDICAL DEVICE SIZE (HIGH COST TARIFF EXCLUDED DEVICE)": _look_up(texts.item_strength, lines.item),
        "MEDICAL DEVICE QUANTITY (HIGH COST TARIFF EXCLUDED DEVICE)": _numbers(lines.units),
        "LOCAL CONTRACT CODE DESCRIPTION": MARK,
        "UNIT PRICE (SUPPLIER)": price,
        "UNIT PRICE (COMMISSIONER)": price,
        "VALUE ADDED TAX CHARGED INDICATOR (CONTRACT MONITORING)": "Y",
    }


def aggregate(
    world: World, provider: int, lines: Lines, created: str, random: np.random.Generator
) -> Columns:
    """The ACM rows that a provider's lines add up to: actual exactly, plan with a provider's and a row's noise.

    One row for each commissioner, category, service, point of delivery and month and, where the patient's
    home decides who pays, each area responsible.
    """
    grain = _grain(world, lines)
    key = np.zeros(len(lines), dtype=np.int64)
    for values in grain:
        key = key * (int(values.max(initial=-1)) + 2) + values + 1
    _, first, row = np.unique(key, return_index=True, return_inverse=True)
    # Sums of pence stay whole in a float to nine thousand million million.
    pence = np.bincount(row, weights=lines.pence).astype(np.int64)
    activity = np.bincount(row, weights=lines.units).astype(np.int64)
    noise = 1 + 0.02 * random.standard_normal() + 0.06 * random.standard_normal(len(first))
    code, texts = world.providers[provider], _texts(world)
    month, payer, category, delivery, responsible, service = (values[first] for values in grain)
    non_activity = _deliveries_are("non-activity")[delivery]
    planned = np.where(non_activity, 0, np.round(activity * noise).astype(np.int64))
    return {
        "FINANCIAL MONTH": _look_up(texts.months, month),
        "FINANCIAL YEAR": world.year.code,
        "DATE AND TIME DATA SET CREATED": created,
        "ORGANISATION IDENTIFIER (CODE OF PROVIDER)": code,
        "ORGANISATION IDENTIFIER (GP PRACTICE RESPONSIBILITY)": _look_up(texts.area, responsible),
        "ORGANISATION IDENTIFIER (CODE OF COMMISSIONER)": _look_up(texts.body, payer),
        "COMMISSIONED SERVICE CATEGORY CODE": _numbers(category),
        "SERVICE CODE": _look_up(texts_of(_service_codes(world)), service),
        "POINT OF DELIVERY CODE": _look_up(texts.delivery, delivery),
        "CONTRACT MONITORING ADDITIONAL DETAIL (FIRST)": MARK,
        "CONTRACT MONITORING PLANNED ACTIVITY": _numbers(planned),
        "CONTRACT MONITORING PLANNED PRICE": pounds(np.round(pence * noise).astype(np.int64)),
        "CONTRACT MONITORING ACTUAL ACTIVITY": _numbers(activity),
        "CONTRACT MONITORING ACTUAL PRICE": pounds(pence),
    }


def _grain(world: World, lines: Lines) -> tuple[Ints, ...]:
    """Month, payer, category, delivery, area responsible where it decides, service."""
    codes = {code: index for index, code in enumerate(_service_codes(world))}
    service = np.array([codes[code] for code in world.catalogue.code])[lines.offer]
    # One point of delivery can stand in several shapes; a row is one for each code.
    looks = [look.code for look in shapes.deliveries()]
    delivery = np.array([looks.index(code) for code in looks])[lines.delivery]
    decides = np.array([pool.step in _BY_HOME for pool in shapes.pools()])[world.catalogue.pool[lines.offer]]
    status = world.catalogue.status[lines.month, lines.offer]
    by_status = np.array([pool.step == "status" for pool in shapes.pools()])[
        world.catalogue.pool[lines.offer]
    ]
    decides |= by_status & ((status == 1) | (status == 2))
    return (
        lines.month,
        lines.payer,
        lines.category,
        delivery,
        np.where(decides, lines.responsible, -1),
        service,
    )


_BY_HOME = {"home", "devolved", "region", "justice_hub"}


def _service_codes(world: World) -> list[str]:
    return sorted(set(world.catalogue.code))


def pounds(pence: Ints) -> pa.StringArray:
    """Exact pounds with two decimals."""
    sign = pa.array(np.where(pence < 0, "-", ""))
    whole = pa.array(np.abs(pence) // 100).cast(pa.string())
    return pc.binary_join_element_wise(sign, whole, _pence_texts().take(pa.array(np.abs(pence) % 100)), "")


def unit_price(lines: Lines) -> pa.StringArray:
    """Cost over count with four decimals, so that count × price comes within a penny of the cost."""
    units = np.maximum(lines.units, 1)
    price = (lines.pence * 200 + units) // (2 * units)
    whole = pa.array(price // 10_000).cast(pa.string())
    return pc.binary_join_element_wise(whole, _fraction_texts().take(pa.array(price % 10_000)), "")


def write_rows(handle: BinaryIO, header: list[str], chunk: Columns) -> int:
    """Append the lines of a chunk to an open file, fields in the order of `header`; how many they were."""
    cells = [chunk.get(name, "") for name in header]
    ends: list[pa.StringArray | pa.StringScalar] = []
    literal = ""
    for position, cell in enumerate(cells):
        literal += "," if position else ""
        if isinstance(cell, str):
            literal += cell
            continue
        ends.append(pa.scalar(literal))
        ends.append(cell)
        literal = ""
    ends.append(pa.scalar(literal + "\r\n"))
    joined = pc.binary_join_element_wise(*ends, "", null_handling="replace", null_replacement="")
    handle.write(joined.buffers()[2])
    return len(joined)


def _look_up(texts: pa.StringArray, index: Ints) -> pa.StringArray:
    """Texts by index; negative is none."""
    return texts.take(pa.array(index, mask=index < 0))


def _numbers(values: Ints, where: npt.NDArray[np.bool_] | None = None) -> pa.StringArray:
    return pa.array(values, mask=None if where is None else ~where).cast(pa.string())


def _join(prefix: str, texts: pa.StringArray) -> pa.StringArray:
    """A prefix before each text; none stays none."""
    return pc.binary_join_element_wise(pa.scalar(prefix), texts, "")


def _only(where: npt.NDArray[np.bool_], texts: pa.StringArray) -> pa.StringArray:
    return pc.if_else(pa.array(where), texts, pa.scalar(None, pa.string()))


def texts_of(values: list[str]) -> pa.StringArray:
    """Texts as CSV cells."""
    return pa.array([quoted(value) for value in values], pa.string())


def _age(born: Ints, on: Ints) -> Ints:
    year, day = _calendar()
    return year[on] - year[born] - (day[on] < day[born])


@lru_cache(maxsize=1)
def _calendar() -> tuple[Ints, Ints]:
    """Year, and month × 100 + day, of every day from the oldest on."""
    days = [_OLDEST + timedelta(day) for day in range(60_000)]
    return np.array([day.year for day in days]), np.array([day.month * 100 + day.day for day in days])


@lru_cache(maxsize=1)
def _pence_texts() -> pa.StringArray:
    return pa.array([f".{pence:02d}" for pence in range(100)])


@lru_cache(maxsize=1)
def _fraction_texts() -> pa.StringArray:
    return pa.array([f".{part:04d}" for part in range(10_000)])


@lru_cache(maxsize=4)
def _deliveries_are(kind: str) -> npt.NDArray[np.bool_]:
    admitted = ("EL", "NEL", "DC", "ELXBD", "IPOBD", "NELNE")
    test = {
        "non-activity": shapes.non_activity,
        "admitted": lambda code: code in admitted,
        "attended": lambda code: code.startswith(("OP", "NF2F")),
    }[kind]
    return np.array([test(look.code) for look in shapes.deliveries()])


_held: dict[int, Texts] = {}


def _texts(world: World) -> Texts:
    if id(world) not in _held:
        _held.clear()
        _held[id(world)] = _make_texts(world)
    return _held[id(world)]


def _make_texts(world: World) -> Texts:
    catalogue = world.catalogue
    functions = sorted({code for codes in catalogue.treatment_functions for code in codes})
    tariff_lists = [*catalogue.tariff_codes, *(look.tariff_codes for look in shapes.deliveries())]
    tariffs = sorted({code for codes in tariff_lists for code in codes})
    items = (*shapes.items("drugs"), *shapes.items("devices"))
    letters = "ABDEFGHJLNPQRSTUWXYZ"
    last = (Month(world.year, 12).end - _OLDEST).days
    return Texts(
        months=texts_of([str(number) for number in world.months]),
        service=texts_of(catalogue.code),
        delivery=texts_of([look.code for look in shapes.deliveries()]),
        area=texts_of(world.places.areas),
        body=texts_of(world.places.bodies),
        treatment_function=texts_of(functions),
        function_of=_padded(
            [[functions.index(code) for code in codes] for codes in catalogue.treatment_functions]
        ),
        tariff=texts_of(tariffs),
        tariff_of=_padded([[tariffs.index(code) for code in codes] for codes in tariff_lists]),
        day=texts_of([(_OLDEST + timedelta(day)).isoformat() for day in range(last)]),
        # No practice of England begins with X; the last code is the standard's for not applicable.
        practice=texts_of(
            [f"X{number:05d}" for number in range(len(world.places.areas) * PRACTICES_PER_AREA)] + ["V81998"]
        ),
        # ZZ99 is the Data Dictionary's area for postcodes that no address has.
        postcode=texts_of([f"ZZ99 {d}{a}{b}" for d in range(1, 10) for a in letters for b in letters]),
        item_name=texts_of([item.name for item in items]),
        item_code=texts_of([item.code for item in items]),
        item_strength=texts_of([item.strength for item in items]),
        item_unit=texts_of([item.unit for item in items]),
        item_route=texts_of([item.route for item in items]),
        item_dispensing=texts_of([item.dispensing_route for item in items]),
    )


def _padded(lists: list[list[int]]) -> Ints:
    width = max(1, *(len(each) for each in lists))
    return np.array([each + [-1] * (width - len(each)) for each in lists])
