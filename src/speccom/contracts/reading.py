"""How the text of a cell becomes a code, a number, a month or a date, as SQL: null where unread, no guesses.

Each function takes a SQL expression for trimmed text (null where blank) and gives one for the value.
Plain forms come first, so that the patterns for the odd ones met in the wild cost nothing without them.
"""

from __future__ import annotations

# Spaces that people do not see as text: tab, line ends, no-break, zero-width, byte-order mark.
ODD_SPACES = ("\t", "\r", "\n", "\u00a0", "\u200b", "\ufeff")
# £ as it is, as UTF-8 read as Windows-1252 (once, twice), as lost in a conversion, full width; and GBP.
_POUND = "(?:£|Â£|Ã‚Â£|\ufffd|￡|GBP)"
_MINUS = "[-\u2212]"
_THOUSANDS = "(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)"
# ISO, with or without a time; a time has hours and minutes.
_TIME = "(?:[01]?[0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:[.][0-9]+)?)?"
_PLAIN_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_ISO = f"([0-9]{{4}})-([0-9]{{2}})-([0-9]{{2}})(?:[T ]{_TIME}Z?)?"
_DAY_FIRST = f"([0-9]{{1,2}})[/.-]([0-9]{{1,2}})[/.-]([0-9]{{4}})(?: {_TIME})?"
_MONTH_FIRST = (
    "([0-9]{1,2})/([0-9]{1,2})/([0-9]{4}) (?:0?[0-9]|1[0-2]):[0-5][0-9](?::[0-5][0-9])? ?[AaPp][Mm]"
)
_NAMED_MONTH = "([0-9]{1,2})[- /]([A-Za-z]{3})[- /]([0-9]{4}|[0-9]{2})"
_EXCEL_SERIAL = "([0-9]{5})(?:[.][0-9]+)?"
_EXCEL_EPOCH = "date '1899-12-30'"  # Excel takes 1900 for a leap year, so its day 1 is a day late


def trimmed(cell: str, spaces: str) -> str:
    """A cell without the spaces around it; null where nothing is left. `spaces` says what there may be:
    `none`, `plain` ones, or `odd` ones too, which take `trim` six times as long on every cell."""
    kept = {"none": cell, "plain": f"trim({cell})", "odd": f"trim({cell}, '{''.join(ODD_SPACES)} ')"}[spaces]
    return f"nullif({kept}, '')"


def coded(text: str, shortest: int, longest: int) -> str:
    """Whether text is a code: capitals and digits, of a length between the two."""
    return f"regexp_full_match({text}, '[A-Z0-9]{{{shortest},{longest}}}')"


def financial_year(text: str) -> str:
    """`202526`: six digits of this century, the second pair one more than the first. Else null."""
    follows = f"(cast(substr({text}, 3, 2) as integer) + 1) % 100 = cast(substr({text}, 5, 2) as integer)"
    return f"case when regexp_full_match({text}, '20[0-9]{{4}}') then case when {follows} then {text} end end"


def financial_month(text: str) -> str:
    """1 to 12, with or without a leading zero. Else null."""
    months = ", ".join(f"'{form}'" for month in range(1, 13) for form in sorted({f"{month}", f"{month:02}"}))
    return f"case when {text} in ({months}) then cast({text} as integer) end"


def money(text: str) -> str:
    """Exact pounds, DECIMAL(26,8): at most 18 digits before the point and 8 after it."""
    return _number(text, "decimal(26,8)", "-?[0-9]{1,18}([.][0-9]{1,8})?", "0*[0-9]{0,18}(?:[.][0-9]{0,8})?")


def quantity(text: str) -> str:
    """A count, DECIMAL(18,3): at most 10 digits before the point and 3 after it, not counting zeros."""
    return _number(
        text, "decimal(18,3)", "-?[0-9]{1,10}([.][0-9]{1,3}0*)?", "0*[0-9]{0,10}(?:[.][0-9]{0,3}0*)?"
    )


def is_number(text: str) -> str:
    """Whether text is a number, of whatever length; null where it is blank."""
    odd = f"regexp_full_match({text}, '{_positive()}|{_negative()}')"
    return f"case when regexp_full_match({text}, '-?[0-9]+([.][0-9]+)?') then true else {odd} end"


def whole_age(text: str) -> str:
    """Years from 0 to 130. Else null."""
    formed = f"regexp_full_match({text}, '[0-9]{{1,2}}|1[0-2][0-9]|130')"
    return f"case when {formed} then cast({text} as integer) end"


def activity_day(text: str) -> str:
    """A date in any of the forms met in the wild; two-digit years are of this century."""
    return _day(text, "'20' || ")


def birth_day(text: str) -> str:
    """As `activity_day`, but a two-digit year may mean either century, so it is not read."""
    return _day(text, "null || ")


def digits_only(text: str) -> str:
    """Text without the spaces and hyphens that people put between the digits of a number."""
    return f"replace(replace({text}, ' ', ''), '-', '')"


def nhs_number(digits: str, whole: str) -> str:
    """The ten digits of a valid NHS number, as text, from `digits_only` and its value as a whole number.

    Its check digit holds. Ten equal digits pass it and are nobody's, so they are not valid.
    """
    # The first nine digits weigh 10 down to 2; the last makes the sum a multiple of 11.
    weighed = " + ".join(f"{whole} // {10 ** (10 - place)} % 10 * {11 - place}" for place in range(1, 11))
    formed = f"regexp_full_match({digits}, '[0-9]{{10}}')"
    return f"case when {formed} and ({weighed}) % 11 = 0 and {whole} % 1111111111 <> 0 then {digits} end"


def _number(text: str, kind: str, plain: str, fits: str) -> str:
    """An exact decimal. `plain` and, without its signs, `fits` keep out what a cast would round."""
    digits = f"regexp_replace({text}, '[^0-9.]', '', 'g')"
    sign = f"case when regexp_full_match({text}, '{_positive()}') then '' else '-' end"
    return (
        f"case when {text} is null then null "
        f"when regexp_full_match({text}, '{plain}') then cast({text} as {kind}) "
        f"when {is_number(text)} and regexp_full_match({digits}, '{fits}') "
        f"then cast({sign} || {digits} as {kind}) end"
    )


def _positive() -> str:
    return f"[+]?{_POUND}? ?[+]?{_amount()}"


def _negative() -> str:
    """Minus before or after, or in brackets as accountants write it."""
    return "|".join(
        (
            f"{_MINUS} ?{_POUND}? ?{_amount()}",
            f"{_POUND} ?{_MINUS} ?{_amount()}",
            f"{_POUND}? ?{_amount()} ?{_MINUS}",
            rf"\( ?{_POUND}? ?{_amount()} ?\)",
            rf"{_POUND} ?\( ?{_amount()} ?\)",
        )
    )


def _amount() -> str:
    return f"(?:{_THOUSANDS}(?:[.][0-9]*)?|[.][0-9]+)"


def _day(text: str, century: str) -> str:
    year = f"regexp_extract({text}, '{_NAMED_MONTH}', 3)"
    named = (
        f"try_strptime(regexp_extract({text}, '{_NAMED_MONTH}', 1) || '-' || "
        f"regexp_extract({text}, '{_NAMED_MONTH}', 2) || '-' || "
        f"case when length({year}) = 2 then {century}{year} else {year} end, '%d-%b-%Y')"
    )
    return (
        f"case when {text} is null then null "
        f"when regexp_full_match({text}, '{_PLAIN_DAY}') then try_cast({text} as date) "
        f"when regexp_full_match({text}, '{_ISO}') then try_cast(substr({text}, 1, 10) as date) "
        f"when regexp_full_match({text}, '{_MONTH_FIRST}') then "
        f"try_cast(regexp_replace({text}, '^{_MONTH_FIRST}$', '\\3-\\1-\\2') as date) "
        f"when regexp_full_match({text}, '{_DAY_FIRST}') then "
        f"try_cast(regexp_replace({text}, '^{_DAY_FIRST}$', '\\3-\\2-\\1') as date) "
        f"when regexp_full_match({text}, '{_NAMED_MONTH}') then cast({named} as date) "
        f"when regexp_full_match({text}, '{_EXCEL_SERIAL}') then "
        f"{_EXCEL_EPOCH} + cast(regexp_extract({text}, '{_EXCEL_SERIAL}', 1) as integer) end"
    )
