"""The rows of one file as SQL: as sent, trimmed, read, looked up, and marked by every check at once.

`submitted` → `trimmed_rows` → `read_rows` → `known_rows` → `marked`. Every row keeps its number, and `marked`
has one row for each record of the file: the checked columns, and `marks`, a bit for each check that found
fault. This runs where files are received, which is on one machine, so it is DuckDB's own SQL.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from speccom.contracts import identity, reading
from speccom.contracts.checks import Check
from speccom.contracts.scan import EMPTY_LINE, STRAY_QUOTE, WRONG_COUNT, Spaces
from speccom.contracts.schemas import DATA_SETS, DataSet, column_names
from speccom.engine import quote

# checked.parquet, in its order: what each column is, for the ledger and everything after it.
CHECKED = {
    "row": "bigint",
    "data_set": "varchar",
    "financial_year": "varchar",
    "month": "integer",
    "provider": "varchar",
    "site": "varchar",
    "gp_responsibility": "varchar",
    "residence_responsibility": "varchar",
    "practice": "varchar",
    "submitted_commissioner": "varchar",
    "submitted_category": "varchar",
    "service_code": "varchar",
    "point_of_delivery": "varchar",
    "treatment_function": "varchar",
    "tariff_code": "varchar",
    "patient_id": "bigint",
    "withheld_identity_reason": "varchar",
    "age": "integer",
    "gender": "varchar",
    "ethnic_category": "varchar",
    "lsoa": "varchar",
    "activity_date": "date",
    "item_code": "varchar",
    "item_name": "varchar",
    "activity": "decimal(18,3)",
    "unit_price": "decimal(26,8)",
    "cost": "decimal(26,8)",
    "planned_activity": "decimal(18,3)",
    "planned_cost": "decimal(26,8)",
}

SYNTHETIC = "SYNTHETIC"
# Made-up rows say so in one of two columns: drugs and devices do not have the first.
_MARKED_SYNTHETIC = " or ".join(
    f"coalesce(upper({column}_text) = '{SYNTHETIC}', false)"
    for column in ("additional_detail", "contract_description")
)

# Every column of ours that any data set has; a file lacks those of the other sets.
COLUMNS = tuple(sorted({column for data_set in DATA_SETS for column in column_names(data_set)}))

_CODES = (
    "provider",
    "site",
    "gp_responsibility",
    "residence_responsibility",
    "practice",
    "submitted_commissioner",
    "submitted_category",
    "service_code",
    "point_of_delivery",
    "treatment_function",
    "tariff_code",
    "withheld_identity_reason",
    "gender",
    "ethnic_category",
    "item_code",
)

# How each column that is more than its text is read, from its trimmed text.
_VALUES = {
    "financial_year": reading.financial_year("financial_year_text"),
    "month": reading.financial_month("month_text"),
    **{code: f"upper({code}_text)" for code in _CODES},
    "item_name": "item_name_text",
    "nhs_number": reading.nhs_number("nhs_digits", "nhs_whole"),
    "birth_date": reading.birth_day("birth_date_text"),
    "submitted_age": reading.whole_age("age_text"),
    "activity_date": reading.activity_day("activity_date_text"),
    "activity_end": reading.activity_day("activity_end_text"),
    "activity": reading.quantity("activity_text"),
    "activity_is_number": reading.is_number("activity_text"),
    "unit_price": reading.money("unit_price_text"),
    "cost": reading.money("cost_text"),
    "planned_activity": reading.quantity("planned_activity_text"),
    "planned_cost": reading.money("planned_cost_text"),
}
# What the checks ask of the text itself, besides the value.
_TEXTS_KEPT = (
    "nhs_number",
    "birth_date",
    "age",
    "activity_date",
    "activity_end",
    "activity",
    "unit_price",
    "planned_activity",
    "planned_cost",
)


@dataclass(frozen=True, slots=True)
class Forms:
    """What reading these files needs: whether rows that do not split are about, what spaces are, whether the
    list of postcodes was imported, and how long the imported healthcare resource groups are."""

    bad_rows: bool
    spaces: Spaces
    postcodes: bool
    group_lengths: tuple[int, ...]


def file_cells(path: Path, columns: int) -> str:
    """The cells of a CSV file as text, c0, c1 and so on, without its header."""
    names = ", ".join(f"'c{number}': 'varchar'" for number in range(columns))
    return (
        f"read_csv({quote(path)}, header = false, skip = 1, auto_detect = false, columns = {{{names}}}, "
        "delim = ',', quote = '\"', escape = '\"', strict_mode = true)"
    )


def submitted(place: int, path: Path, header: Sequence[str], data_set: DataSet) -> str:
    """Our columns of a file as text, its place among those examined together as `file`, and `row`.

    `header` has the standard's names in the file's order.
    """
    names = column_names(data_set)
    cells = [
        f"c{header.index(names[column])} as {column}"
        if names.get(column) in header
        else f"cast(null as varchar) as {column}"
        for column in COLUMNS
    ]
    # The header is row 1; the reader keeps the order of the file.
    return (
        f"select cast({place} as integer) as file, row_number() over () + 1 as row, {', '.join(cells)} "
        f"from {file_cells(path, len(header))}"
    )


def unknown_columns(path: Path, header: Sequence[str], unknown: Sequence[int]) -> str:
    """The columns that the data set does not know, under the names that the file gives them."""
    cells = ", ".join(f"c{index} as {_identifier(header[index])}" for index in unknown)
    return f"select row_number() over () + 1 as row, {cells} from {file_cells(path, len(header))}"


def _trimmed(columns: Iterable[str], forms: Forms) -> str:
    """Records (empty lines are none) with the text of each cell trimmed; `split` says how a bad row broke."""
    texts = ", ".join(f"{reading.trimmed(column, forms.spaces)} as {column}_text" for column in columns)
    if not forms.bad_rows:
        return f"select file, row, cast(null as tinyint) as split, {texts} from submitted"
    return (
        f"select file, row, bad_rows.kind as split, {texts} from submitted left join bad_rows using (file, row) "
        f"where bad_rows.kind is distinct from {EMPTY_LINE}"
    )


def overview(forms: Forms) -> str:
    """For each file, financial year and month as read: rows, rows marked synthetic, first and last creation."""
    columns = ("financial_year", "month", "created", "additional_detail", "contract_description")
    return (
        f"with trimmed_rows as ({_trimmed(columns, forms)}) "
        f"select file, {_VALUES['financial_year']} as financial_year, {_VALUES['month']} as month, "
        f"count(*) as rows, count(*) filter ({_MARKED_SYNTHETIC}) as synthetic_rows, "
        "min(created_text) as first_created, max(created_text) as last_created "
        "from trimmed_rows where split is null group by 1, 2, 3"
    )


def _read() -> str:
    """Records with each cell read: null where it is blank or cannot be read."""
    values = ", ".join(f"{value} as {name}" for name, value in _VALUES.items())
    texts = ", ".join(f"{name}_text" for name in _TEXTS_KEPT if name != "age")
    digits = reading.digits_only("nhs_number_text")
    return (
        f"select file, row, split, {values}, {texts}, age_text as submitted_age_text, "
        "upper(local_patient_text) as local_patient, upper(replace(postcode_text, ' ', '')) as postcode "
        # Worked out once here: within one select the database would do it for every mention.
        f"from (select *, {digits} as nhs_digits, try_cast({digits} as bigint) as nhs_whole from trimmed_rows)"
    )


def _known(forms: Forms) -> str:
    """Records with what the look-ups say of them. Home is told by practice, residence, then the host."""
    lsoa = "postcode_lsoa.lsoa" if forms.postcodes else "cast(null as varchar)"
    # A tariff code begins with a group, and groups are of several lengths: LB01A, U06, V100MC.
    group_joins = " ".join(
        f"left join healthcare_group as group_{length} on group_{length}.code = left(tariff_code, {length})"
        for length in forms.group_lengths
    )
    listed = " or ".join(f"group_{length}.code is not null" for length in forms.group_lengths) or "null"
    identified = (
        "case when nhs_number is not null then 'NHS:' || nhs_number "
        "when local_patient is not null then 'LOCAL:' || coalesce(provider, '') || ':' || local_patient end"
    )
    return f"""
        select
            read_rows.*,
            {identity.patient_id(identified)} as patient_id,
            case
                when birth_date <= activity_date and datesub('year', birth_date, activity_date) <= 130
                    then cast(datesub('year', birth_date, activity_date) as integer)
                when birth_date is null or activity_date is null then submitted_age
            end as age,
            {lsoa} as lsoa,
            coalesce({reading.coded("provider", 3, 6)} and not ends_with(provider, '00'), false)
                as provider_formed,
            known_provider.code is not null as provider_known,
            category.code is not null as category_listed,
            delivery.code is not null as delivery_listed,
            coalesce(delivery.non_activity, false) as non_activity,
            coalesce(delivery.tariff_needed, false) as tariff_needed,
            treatment.code is not null as function_listed,
            {listed} as group_listed,
            month_on.month_start,
            month_on.month_end,
            line_on.code is not null or month_on.month_start is null as service_in_use,
            coalesce(line_on.is_green, month_on.month_start is null) as line_is_green,
            coalesce(
                practice_area.delegated, residence_area.delegated, host.delegated, month_on.month_start is null
            ) as home_is_delegated
        from read_rows
        cross join patient_key
        left join month_on on month_on.financial_year = read_rows.financial_year and month_on.month = read_rows.month
        left join line_on on line_on.month_start = month_on.month_start and line_on.code = read_rows.service_code
        left join area_on as practice_area
            on practice_area.month_start = month_on.month_start and practice_area.code = gp_responsibility
        left join area_on as residence_area
            on residence_area.month_start = month_on.month_start and residence_area.code = residence_responsibility
        left join host_on as host
            on host.month_start = month_on.month_start and host.code = read_rows.provider
        left join known_provider on known_provider.code = read_rows.provider
        left join category on category.code = submitted_category
        left join delivery on delivery.code = point_of_delivery
        left join treatment on treatment.code = treatment_function
        {group_joins}
        {"left join postcode_lsoa on postcode_lsoa.postcode = read_rows.postcode" if forms.postcodes else ""}
    """


def marked(checks: Sequence[Check], forms: Forms) -> str:
    """Records with the checked columns, and `marks`: bit n is set where the n-th check found fault.

    A row that could not be split has nothing to check but that.
    """
    bits = {check.code: 1 << number for number, check in enumerate(checks)}
    values = " + ".join(
        f"case when {check.condition} then {bits[check.code]} else 0 end"
        for check in checks
        if not check.code.startswith("ROW_")
    )
    columns = ", ".join(name for name in CHECKED if name != "data_set")
    return (
        f"with trimmed_rows as ({_trimmed(COLUMNS, forms)}), read_rows as ({_read()}), "
        f"known_rows as ({_known(forms)}) "
        f"select file, {columns}, provider_formed, case split when {WRONG_COUNT} then {bits['ROW_FIELDS']} "
        f"when {STRAY_QUOTE} then {bits['ROW_QUOTES']} else {values} end as marks from known_rows"
    )


def rejecting(checks: Sequence[Check]) -> int:
    """The bits that keep a row out of the ledger."""
    return sum(1 << number for number, check in enumerate(checks) if check.severity == "reject record")


def checked(place: int, data_set: DataSet, rejects: int) -> str:
    """The rows of one file that were not rejected, as checked.parquet has them."""
    columns = ", ".join(
        f"cast({quote(data_set) if name == 'data_set' else name} as {kind}) as {name}"
        for name, kind in CHECKED.items()
    )
    return f"select {columns} from marked where file = {place} and marks & {rejects} = 0"


def rejected(rejects: int) -> str:
    """The rows that were, by file and row."""
    return f"select file, row, marks, cost from marked where marks & {rejects} <> 0 order by file, row"


def totals(rejects: int) -> str:
    """Rows and exact cost by file and what a restatement covers; unreadable keys share a row of nulls."""
    readable = "financial_year is not null and month is not null and provider_formed"
    keys = ", ".join(
        f"case when {readable} then {key} end as {key}" for key in ("provider", "financial_year", "month")
    )
    return (
        f"select file, {keys}, count(*) as rows, coalesce(sum(cost), 0) as cost, "
        "count(*) filter (cost is null) as unread_costs, "
        f"count(*) filter (marks & {rejects} <> 0) as quarantined_rows, "
        f"coalesce(sum(cost) filter (marks & {rejects} <> 0), 0) as quarantined_cost "
        "from marked group by all order by all"
    )


def findings(checks: Sequence[Check], identity_columns: Iterable[str]) -> str:
    """One row for each fault of a row: file, row, code, severity, field, value as sent; ascending.

    Of a value that says who someone is only the shape is kept: digits as 9, letters as A.
    """
    hidden = set(identity_columns)
    values = " ".join(
        f"when '{column}' then {_shape(column) if column in hidden else column}"
        for column in dict.fromkeys(check.field for check in checks if check.field)
    )
    return (
        "with flagged as materialized ("
        "select faulty.marks, submitted.* from submitted "
        "join (select file, row, marks from marked where marks <> 0) as faulty using (file, row)) "
        f"select file, row, code, severity, name as field, left(case field {values} end, 200) as value "
        "from flagged join record_check on flagged.marks & record_check.bit <> 0 order by file, row, number"
    )


def finding_counts() -> str:
    return "select file, code, count(*) as rows from finding group by all"


def findings_of(place: int, of_file: Sequence[tuple[str, str, str, str]]) -> str:
    """The findings of one file: those of the file itself (code, severity, field, value), then its rows'."""
    names = ("code", "severity", "field", "value")
    cells = (
        ", ".join(f"{quote(said)} as {name}" for name, said in zip(names, each, strict=True))
        for each in of_file
    )
    first = "".join(f"select cast(null as bigint) as row, {each} union all " for each in cells)
    return first + f"select row, {', '.join(names)} from finding where file = {place}"


def _shape(column: str) -> str:
    return f"regexp_replace(regexp_replace({column}, '[0-9]', '9', 'g'), '[A-Za-z]', 'A', 'g')"


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
