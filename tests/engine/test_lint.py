"""The SQL lint: every shipped step passes, and each rule catches what it is for, by file and line."""

from pathlib import Path

import pytest

from speccom.engine.lint import lint, lint_all


def faults_of(folder: Path, sql: str, name: str = "step") -> list[str]:
    path = folder / f"{name}.sql"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(sql, encoding="utf-8")
    return [str(fault) for fault in lint(path)]


def test_every_shipped_step_passes() -> None:
    assert [str(fault) for fault in lint_all()] == []


def test_a_step_in_the_common_subset_has_no_faults(tmp_path: Path) -> None:
    sql = """-- Money by provider: the word 'hash(' in a text or a comment, ORDER BY too, is no matter.
select
    provider,
    'Hash(' as label,
    cast(sum(cost) filter (where cost > 0) as decimal(38, 8)) as cost,
    row_number() over (partition by provider order by cost desc nulls last, coalesce(a, b) nulls first) as n
from records
group by provider
order by provider nulls last
"""
    assert faults_of(tmp_path, sql) == []


@pytest.mark.parametrize(
    ("sql", "line", "said"),
    [
        ("-- x\nselect a\nfrom t asof join u on t.a >= u.a", 3, "asof"),
        ("-- x\nselect\n    hash(a) as b\nfrom t", 3, "hash()"),
        ("-- x\nselect list(a) as b from t", 2, "list()"),
        ("-- x\nselect array_agg(a) as b from t", 2, "array_agg()"),
        ("-- x\nselect list_sort(a) as b from t", 2, "list_sort()"),
        ("-- x\nselect quantile_cont(a, 0.5) as b from t", 2, "quantile_cont()"),
        ("-- x\nselect random() as b from t", 2, "random()"),
        ("-- x\nselect current_date as b from t", 2, "current_date"),
        ("-- x\nselect a from t limit 3", 2, "limit"),
        ("-- x\nselect a from t\norder by a", 3, "nulls first or nulls last"),
        ("-- x\nselect a from t\norder by\n    a nulls last,\n    b desc\n", 5, "nulls first or nulls last"),
        ("-- x\nselect max(a) over (partition by b order by c) as d from t", 2, "nulls first or nulls last"),
        ("-- x\nselect max(a) over (order by c rows unbounded preceding) as d from t", 2, "nulls first"),
        ("-- x\nSELECT a from t", 2, "write SELECT in lower case"),
        ("-- x\nselect Provider from t", 2, "write Provider in lower case"),
        ("-- x\nselect a from t where regexp_matches(a, '\\d')", 2, "backslash"),
        ('-- x\nselect "a b" from t', 2, "without quotation marks"),
        ("select a from t", 1, "open with a comment"),
        ("-- x\nselect a from t;\nselect b from t", 1, "the one select"),
        ("-- x\ndelete from t", 1, "the one select"),
        ("-- x\nselect a,\nb c d from t", 3, "cannot be read as SQL"),
        ("-- x\nselect 'a", 1, "cannot be read as SQL"),
        ("-- x\n", 1, "the one select"),
    ],
)
def test_each_rule_names_file_and_line(tmp_path: Path, sql: str, line: int, said: str) -> None:
    faults = faults_of(tmp_path, sql)
    assert len(faults) == 1
    assert faults[0].startswith(f"{tmp_path}/step.sql:{line}: ")
    assert said in faults[0]


def test_a_step_for_duckdb_alone_is_held_to_the_spelling_alone(tmp_path: Path) -> None:
    sql = "select list(a) as b from read_csv('x.csv')\n"
    assert faults_of(tmp_path, "-- Read as text.\n" + sql, "sql/duckdb/read") == []
    assert faults_of(tmp_path, "-- duckdb only: Spark reads no such CSV.\n" + sql) == []
    assert len(faults_of(tmp_path, "-- duckdb only: Spark reads no such CSV.\n" + sql.upper())) > 0
    assert len(faults_of(tmp_path, "-- duckdb only:\n" + sql)) == 1
