"""Explains the numbers of bases: each down to the pots that it is made of, their rules, and the ledger.

It is given results, whole or less what is withheld, so an explanation never says more than its table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from speccom.finance.bases.money import BasesError, Money
from speccom.finance.bases.rules import pots, rule_on, source_of
from speccom.finance.explained import Confidence, Explained, given
from speccom.insight.result import Result
from speccom.period import FinancialYear

NUMBERS = ("host_basis", "population_basis", "at_home", "outflow", "inflow", "transfer")
"""What can be explained of an area, by the name of its column."""
SYMBOLS = {
    "host_basis": "H",
    "population_basis": "P",
    "at_home": "X",
    "outflow": "O",
    "inflow": "I",
    "transfer": "T",
}
OF_POTS = ("host_basis", "population_basis", "transfer")
"""What can be explained of one kind of money of an area."""
OF_CROSSINGS = {
    "amount": ("", "", ""),
    "share_of_home": ("home", "P", "of what these people cost anywhere"),
    "share_of_host": ("host", "H", "of what these providers cost for anybody"),
}
"""What can be explained of a crossing: for a share, the side that it is of, its symbol and words."""
WITHHELD = "withheld"
_SIDE = {"host_basis": "at its providers", "population_basis": "for its people"}
Row = Mapping[str, Any]


def explain_basis(
    money: Money, year: FinancialYear, bases: Result, each_pot: Result, area: str, number: str
) -> Explained:
    """One number of `NUMBERS` of an area, from the rows of `bases_of` and of the same with each pot.

    Raises `BasesError` for another number, or an area that has no row.
    """
    if number not in NUMBERS:
        raise BasesError(f"{number!r} is no number of an area: choose from {', '.join(NUMBERS)}.")
    rows = {row["area"]: row for row in bases.table.to_pylist()}
    if area not in rows:
        raise BasesError(f"{area!r} has no row here: choose from {', '.join(rows)}.")
    own = [row for row in each_pot.table.to_pylist() if row["area"] == area]
    return _Basis(money, year, rows[area], own).number(number)


def explain_pot(
    money: Money, year: FinancialYear, each_pot: Result, area: str, pot: str, number: str
) -> Explained:
    """A number of one kind of money of an area, from the rows of `bases_of` with each pot; raises alike."""
    if number not in OF_POTS:
        raise BasesError(f"{number!r} is no number of a kind of money: choose from {', '.join(OF_POTS)}.")
    rows = {row["pot"]: row for row in each_pot.table.to_pylist() if row["area"] == area}
    if pot not in rows:
        raise BasesError(f"{pot!r} has no row of {area!r} here: choose from {', '.join(rows) or 'none'}.")
    return _Basis(money, year, rows[pot], ()).of_pot(number)


def explain_crossing(money: Money, crossings: Result, home: str, host: str, number: str) -> Explained:
    """What the people of one area cost at the providers of another, or the share that it is of either's sum.

    From the rows of `transfers_of`. Raises `BasesError` for another number, or areas without a row.
    """
    if number not in OF_CROSSINGS:
        raise BasesError(f"{number!r} is no number of a crossing: choose from {', '.join(OF_CROSSINGS)}.")
    rows = {(row["home"], row["host"]): row for row in crossings.table.to_pylist()}
    if (home, host) not in rows:
        raise BasesError(
            f"{home!r} at {host!r} has no row here: choose two of {', '.join(sorted({*sum(rows, ())}))}."
        )
    row = rows[home, host]
    name = f"{row['home_name']}’s people at providers in {row['host_name']}"
    amount = Explained(
        f"What {name} cost",
        "X",
        _shown(row["amount"]),
        "£",
        "Each line counts once, with the area of its provider and that of its patient in its month.",
        "X = Σ pounds of the lines",
        (ledger_sum(money, _shown(row["amount"])),),
    )
    if number == "amount":
        return amount
    side, whole, words = OF_CROSSINGS[number]
    parts = [each["amount"] for key, each in rows.items() if each[side] == row[side]]
    told = row[number] is not None and None not in parts
    return Explained(
        f"{name}: share {words}",
        f"X ÷ {whole}",
        None if row[number] is None else Decimal(repr(row[number])),
        "share",
        f"The part that it is {words}.",
        f"share = X ÷ {whole}, {whole} = Σ X",
        (
            amount,
            Explained(
                f"All {words[3:]}",
                whole,
                sum(parts, Decimal(0)) if told else WITHHELD,
                "£",
                "Every row of it, added up.",
                f"{whole} = Σ X",
                (ledger_sum(money, sum(parts, Decimal(0)) if told else WITHHELD),),
            ),
        ),
    )


class _Basis:
    """The numbers of one area, each made of others of it."""

    def __init__(self, money: Money, year: FinancialYear, row: Row, own: Sequence[Row]) -> None:
        self._money, self._year, self._row, self._own = money, year, row, own

    def number(self, name: str) -> Explained:
        make = {
            "host_basis": self._pots,
            "population_basis": self._pots,
            "at_home": self._at_home,
            "outflow": self._outflow,
            "inflow": self._inflow,
            "transfer": self._transfer,
        }
        return make[name](name)

    def _named(self, name: str) -> str:
        words = name.replace("_", " ")
        return f"{words[0].upper()}{words[1:]} of {self._row['area_name']}, {self._year}"

    def _pots(self, name: str) -> Explained:
        inputs = tuple(self._pot(row, name) for row in self._own)
        side = _SIDE[name]
        return Explained(
            self._named(name),
            SYMBOLS[name],
            _shown(self._row[name]),
            "£",
            f"The sum of every kind of specialised money {side}.",
            f"{SYMBOLS[name]} = Σ over kinds of money {SYMBOLS[name]}ₖ",
            inputs,
        )

    def _pot(self, row: Row, name: str) -> Explained:
        kind = pots()[row["pot"]].meaning
        return Explained(
            f"{row['pot_name']} {_SIDE[name]}",
            f"{SYMBOLS[name]}ₖ",
            _shown(row[name]),
            "£",
            f"{kind[0].upper()}{kind[1:]}. Each line counts once, with the area of "
            f"{'its provider' if name == 'host_basis' else 'its patient'} in its month.",
            "Σ pounds of the lines",
            (ledger_sum(self._money, _shown(row[name])), *rule_of(self._money, row["pot"], self._year)),
        )

    def of_pot(self, name: str) -> Explained:
        if name != "transfer":
            return self._pot(self._row, name)
        return Explained(
            f"{self._row['pot_name']}: transfer of {self._row['area_name']}, {self._year}",
            "Tₖ",
            _shown(self._row[name]),
            "£",
            "What its people cost less what its providers cost, of this kind of money.",
            "Tₖ = Pₖ − Hₖ",
            (self._pot(self._row, "population_basis"), self._pot(self._row, "host_basis")),
        )

    def _at_home(self, name: str) -> Explained:
        value = _shown(self._row[name])
        return Explained(
            self._named(name),
            SYMBOLS[name],
            value,
            "£",
            "What its people cost at providers in the area: a part of both bases.",
            "Σ pounds of the lines whose provider and patient are both of the area",
            (ledger_sum(self._money, value),),
        )

    def _outflow(self, name: str) -> Explained:
        return self._difference(
            name, "population_basis", "at_home", "What its people cost at providers elsewhere."
        )

    def _inflow(self, name: str) -> Explained:
        return self._difference(
            name, "host_basis", "at_home", "What its providers cost for people of elsewhere."
        )

    def _transfer(self, name: str) -> Explained:
        return self._difference(
            name,
            "population_basis",
            "host_basis",
            "What moves to the area, or from it where it is below nothing, when each area pays for its own people "
            "and no longer for its own providers. It is also what flows out less what flows in, and over all areas "
            "it comes to nothing.",
        )

    def _difference(self, name: str, whole: str, part: str, words: str) -> Explained:
        return Explained(
            self._named(name),
            SYMBOLS[name],
            _shown(self._row[name]),
            "£",
            words,
            f"{SYMBOLS[name]} = {SYMBOLS[whole]} − {SYMBOLS[part]}",
            (self.number(whole), self.number(part)),
        )


def explain_step(
    money: Money, year: FinancialYear, steps: Result, step: str, *, running: bool = False
) -> Explained:
    """One step of a waterfall, or what is held after it, from the rows of `waterfall_of`.

    Raises `BasesError` for a step that is not there.
    """
    rows = steps.table.to_pylist()
    keys = [row["step"] for row in rows]
    if step not in keys:
        raise BasesError(
            f"{step!r} is no step here: choose from {', '.join(keys) or 'none: all are withheld'}."
        )
    place = keys.index(step)
    row = rows[place]
    before = [each for each in rows[:place] if each["kind"] in ("start", "add", "take")]
    if running:
        before, row = (
            [*before, row] if row["kind"] in ("start", "add", "take") else before,
            {
                "step_name": f"After “{row['step_name']}”",
                "kind": "sum",
                "amount": row["running"],
                "formula": "the steps up to here, added up",
            },
        )
    whole = row["kind"] in ("sum", "end")
    inputs = tuple(_step(money, year, each) for each in before) if whole else _step(money, year, row).inputs
    return Explained(
        f"{row['step_name']}: {steps.title.partition(':')[0]}",
        "W" if whole else "w",
        row["amount"],
        "£",
        f"{row['formula'][0].upper()}{row['formula'][1:]}.",
        "W = Σ w" if whole else "Σ pounds of the lines",
        inputs,
    )


def _step(money: Money, year: FinancialYear, row: Row) -> Explained:
    pot = row["step"] if row["step"] in pots() else ""
    rules = rule_of(money, pot, year) if pot else ()
    return Explained(
        row["step_name"],
        "w",
        row["amount"],
        "£",
        f"{row['formula'][0].upper()}{row['formula'][1:]}.",
        "Σ pounds of the lines",
        (ledger_sum(money, row["amount"]), *rules),
    )


def ledger_sum(money: Money, value: Decimal | str) -> Explained:
    """A sum of the ledger, with the build that it is of."""
    made_up = " of made-up records" if money.synthetic else ""
    return given(
        "Pounds in the ledger",
        "Σ",
        value,
        "£",
        f"the ledger{made_up} built on {money.manifest.built:%-d %B %Y}, assigned with register "
        f"{money.manifest.snapshot}",
        Confidence.COMPUTED,
    )


def rule_of(money: Money, pot: str, year: FinancialYear) -> tuple[Explained, ...]:
    """The rule of a pot in the last month held of a year, with its source; none where no rule is in force."""
    on = max(month.start for month in money.months if month.year == year)
    rule = rule_on(pot, on)
    if rule is None:
        return ()
    return (
        given(
            f"Rule: {pots()[pot].name}",
            "rule",
            rule.reading,
            "",
            source_of(money.register, rule.source_id),
            rule.confidence,
        ),
    )


def _shown(value: Decimal | None) -> Decimal | str:
    return WITHHELD if value is None else value
