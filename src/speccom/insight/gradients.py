"""Rates of patients and pounds by fifth of deprivation, standardised, and the line through them; knows no area."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from speccom.insight.fifths import FIFTHS, ByBoard, ByHome
from speccom.insight.statistics.inequality import Gradient, gradient, ridits
from speccom.insight.statistics.numbers import (
    Estimate,
    Gap,
    Limits,
    Numbers,
    estimate,
    normal_quantile,
)
from speccom.insight.statistics.rates import (
    crude_rate,
    directly_standardised_rate,
    expected_events,
    standardised_ratio,
)

PER = 100_000
DIRECT, INDIRECT, CRUDE = "directly standardised", "indirectly standardised", "crude"
_Z = float(normal_quantile(0.95))


@dataclass(frozen=True, eq=False)
class Measured:
    """One measure of areas × fifths: what is counted in the gradient (`used`), on which `basis` in each area, the
    line, and the crude and otherwise standardised values beside it. Fifths are in order 1 to 5."""

    crude: Estimate
    expected: Numbers
    ratio: Estimate
    direct: Estimate
    used: Estimate
    basis: tuple[str, ...]
    line: Gradient
    fitted: Numbers


def patients_measured(home: ByHome, shown: Numbers) -> Measured:
    """Patients per 100,000 people by fifth. `shown` (areas × fifths) are those that may be shown, NaN for none."""
    people = home.persons.sum(axis=-1)
    reference, happened = _reference(home)
    # Ages keep their shares where a count is rounded.
    held = np.array([[_count(home, area, fifth) for fifth in FIFTHS] for area in home.areas])
    scale = np.where(held > 0, shown / np.where(held > 0, held, 1), np.where(np.isnan(shown), np.nan, 1.0))
    events = home.events * scale[..., None]
    lived = reference > 0
    expected = expected_events(home.persons[..., lived], happened[lived], reference[lived])
    ratio = standardised_ratio(events[..., lived].sum(axis=-1), expected)
    direct = directly_standardised_rate(
        events[..., lived], home.persons[..., lived], reference[lived], multiplier=PER
    )
    crude = crude_rate(shown, people, multiplier=PER)
    rate = happened[lived].sum() / reference.sum() * PER
    used, basis = _chosen(people, crude, _times(ratio, rate), direct)
    errors = (used.upper - used.lower) / (2 * _Z)
    return _measured(people, crude, expected, ratio, direct, used, basis, errors=errors)


def spend_measured(home: ByHome, spend: Numbers, shown: Numbers) -> Measured:
    """Pounds per person by fifth; limits from the spread of patients' costs, by a normal approximation.

    A year's pounds are a compound Poisson sum, whose variance is the sum of each patient's pounds squared.
    `spend` (areas × fifths) are NaN where they may not be shown. A fifth without patients has no spread to tell.
    """
    people = home.persons.sum(axis=-1)
    reference, _ = _reference(home)
    some = np.where(people > 0, people, np.nan)
    spread = np.where(shown > 0, np.sqrt(home.squares), np.nan)
    crude = _normal(spend / some, spread / some, people)
    lived = reference > 0
    per_person = home.by_group[lived] / reference[lived]
    expected = np.asarray((home.persons[..., lived] * per_person).sum(axis=-1))
    against = np.where(expected > 0, expected, np.nan)
    hidden = np.where(np.isnan(spend), np.nan, 0.0)
    ratio = _normal(
        (home.grouped + hidden) / against,
        np.where(shown > 0, np.sqrt(home.grouped_squares), np.nan) / against,
        expected,
    )
    none = _normal(np.full_like(people, np.nan), np.full_like(people, np.nan), people)
    rate = home.by_group[lived].sum() / reference.sum()
    used, basis = _chosen(people, crude, _times(ratio, rate), none)
    errors = (used.upper - used.lower) / (2 * _Z)
    return _measured(people, crude, expected, ratio, none, used, basis, errors=errors)


def patients_apportioned(board: ByBoard) -> Measured:
    """Patients per 100,000 of each fifth if everybody had their own board's rate: what boards alone can tell.

    Each rate is directly standardised with boards (and ages) as its groups, so its limits are Dobson's; fifths
    share the events of boards, so the line's limits come from their covariance.
    """
    people = board.persons.sum(axis=(0, 2))[None, :]
    crude, _ = _apportioned(board.persons.sum(axis=2, keepdims=True), board.patients[:, None])
    aged, covariance = _apportioned(board.persons, board.events)
    basis = DIRECT
    if np.isnan(aged.value).any():
        aged, covariance = _apportioned(board.persons.sum(axis=2, keepdims=True), board.patients[:, None])
        basis = CRUDE
    none = np.full(people.shape, np.nan)
    return _measured(
        people,
        crude,
        none,
        _normal(none, none, people),
        aged if basis == DIRECT else _normal(none, none, people),
        aged,
        (basis,),
        covariance=covariance,
    )


def spend_apportioned(board: ByBoard) -> Measured:
    """Pounds per person of each fifth if everybody had their own board's spend a head; no age is allowed for."""
    in_fifth = board.persons.sum(axis=2)  # boards × fifths
    people = in_fifth.sum(axis=0)
    of_board = in_fifth.sum(axis=1)
    share = in_fifth / np.where(people > 0, people, np.nan)
    pull = share / np.where(of_board > 0, of_board, np.nan)[:, None]
    level = np.nansum(pull * board.spend[:, None], axis=0)
    covariance = np.einsum("bi,bj,b->ij", np.nan_to_num(pull), np.nan_to_num(pull), board.squares)
    crude = _normal(
        np.where(people > 0, level, np.nan)[None, :], np.sqrt(np.diag(covariance))[None, :], people[None, :]
    )
    none = np.full((1, len(FIFTHS)), np.nan)
    absent = _normal(none, none, people[None, :])
    return _measured(
        people[None, :], crude, none, absent, absent, crude, (CRUDE,), covariance=covariance[None, :, :]
    )


def _apportioned(persons: Numbers, events: Numbers) -> tuple[Estimate, Numbers]:
    """The rate of each fifth from boards × fifths × groups and boards × groups, and the fifths' covariance."""
    standard = persons.sum(axis=(0, 1))
    lived = standard > 0
    persons, events, standard = persons[..., lived], events[..., lived], standard[lived]
    in_fifth = persons.sum(axis=0)  # fifths × groups
    share = persons / np.where(in_fifth > 0, in_fifth, np.nan)
    weight = np.nan_to_num(standard * share).transpose(1, 0, 2).reshape(len(FIFTHS), -1)
    of_board = persons.sum(axis=1).reshape(-1)
    happened = events.reshape(-1)
    some = weight.sum(axis=1) > 0
    value, lower, upper = (np.full((1, len(FIFTHS)), np.nan) for _ in range(3))
    gap = np.full((1, len(FIFTHS)), Gap.NO_POPULATION, dtype=np.uint8)
    if some.any():
        found = directly_standardised_rate(happened, of_board, weight[some], multiplier=PER)
        for into, each in (
            (value, found.value),
            (lower, found.lower),
            (upper, found.upper),
            (gap, found.gap),
        ):
            into[0, some] = each
    # A group that nobody of a fifth is in leaves that fifth without an age-standardised rate.
    value[0, (np.isnan(share).any(axis=(0, 2)))] = np.nan
    total = weight.sum(axis=1, keepdims=True)
    pull = weight / np.where(of_board > 0, of_board, np.nan) / np.where(total > 0, total, np.nan) * PER
    pull = np.nan_to_num(pull)
    covariance = np.einsum("ik,jk,k->ij", pull, pull, happened)[None, :, :]
    return Estimate(value, lower, upper, gap), covariance


def _reference(home: ByHome) -> tuple[Numbers, Numbers]:
    """England's people and patients by group."""
    return home.persons[0].sum(axis=0), home.events[0].sum(axis=0)


def _count(home: ByHome, area: str, fifth: int) -> float:
    part = home.parts.get((area, fifth))
    return float(part.patients) if part else 0.0


def _chosen(
    people: Numbers, crude: Estimate, indirect: Estimate, direct: Estimate
) -> tuple[Estimate, tuple[str, ...]]:
    """For England the direct rates, for boards the indirect, as far as each fifth with people has one.

    Boards have too few patients for direct rates, and one way for all keeps them comparable.
    """
    used, basis = [], []
    for area in range(len(people)):
        ways = ([(DIRECT, direct)] if area == 0 else []) + [(INDIRECT, indirect), (CRUDE, crude)]
        known = (people[area] > 0) & ~np.isnan(crude.value[area])
        name, rates = next(
            (way for way in ways if not np.isnan(way[1].value[area][known]).any()), (CRUDE, crude)
        )
        basis.append(name)
        used.append(rates)
    columns = (
        np.array([getattr(rates, name)[area] for area, rates in enumerate(used)])
        for name in ("value", "lower", "upper", "gap")
    )
    return Estimate(*columns), tuple(basis)


def _measured(
    people: Numbers,
    crude: Estimate,
    expected: Numbers,
    ratio: Estimate,
    direct: Estimate,
    used: Estimate,
    basis: Sequence[str],
    *,
    errors: Numbers | None = None,
    covariance: Numbers | None = None,
) -> Measured:
    # From the least deprived to the most: a positive slope is more among the deprived.
    line = gradient(
        used.value[:, ::-1],
        people[:, ::-1],
        standard_errors=np.nan if errors is None else errors[:, ::-1],
        covariance=None if covariance is None else covariance[:, ::-1, ::-1],
    )
    place = ridits(people[:, ::-1])[:, ::-1]
    fitted = line.first[:, None] + (line.last - line.first)[:, None] * place
    return Measured(crude, expected, ratio, direct, used, tuple(basis), line, fitted)


def _times(ratio: Estimate, rate: float) -> Estimate:
    return Estimate(ratio.value * rate, ratio.lower * rate, ratio.upper * rate, ratio.gap)


def _normal(value: Numbers, error: Numbers, against: Numbers) -> Estimate:
    limits = Limits(value - _Z * error, value + _Z * error)
    return estimate(value, limits, [(Gap.NO_POPULATION, against == 0), (Gap.MISSING, np.isnan(value))])
