"""What both engines promise: steps, tables, Parquet and Arrow, exact money, refusals that name the step."""

import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from speccom.engine import Engine, EngineError, open_engine
from speccom.engine.spark import SparkEngine

COSTS = pa.table(
    {
        "provider": ["R1A", "R1A", None, "RR8"],
        "cost": pa.array(
            [Decimal("0.10000001"), Decimal("-999999999999999999.99999999"), None, Decimal("12.5")],
            pa.decimal128(26, 8),
        ),
    }
)
TOTALS = """
select provider, cast(sum(cost) as decimal(38, 8)) as cost
from costs
group by provider
order by provider nulls last
"""


def test_money_is_summed_exactly(engine: Engine) -> None:
    engine.register("costs", COSTS)
    totals = engine.fetch(TOTALS)
    assert totals.schema.field("cost").type == pa.decimal128(38, 8)
    assert totals.to_pylist() == [
        {"provider": "R1A", "cost": Decimal("-999999999999999999.89999998")},
        {"provider": "RR8", "cost": Decimal("12.50000000")},
        {"provider": None, "cost": None},
    ]


def test_no_decimal_is_rounded_away_from_a_difference_of_sums(engine: Engine) -> None:
    engine.register("costs", COSTS)
    found = engine.fetch(
        "select sum(cast(cost as decimal(38, 8))) - cast(0 as decimal(38, 8)) as cost "
        "from costs where provider = 'R1A'"
    )
    assert found.to_pylist() == [{"cost": Decimal("-999999999999999999.89999998")}]
    assert found.schema.field("cost").type == pa.decimal128(38, 8)


def test_a_step_is_computed_when_read_and_a_table_when_defined(engine: Engine) -> None:
    engine.register("costs", COSTS)
    engine.step("totals", TOTALS)
    engine.table("kept", "select provider from totals where cost > 0")
    assert engine.fetch("select * from kept").to_pylist() == [{"provider": "RR8"}]
    engine.table("kept", "select provider from kept where provider = 'R1A'")
    assert engine.fetch("select * from kept").num_rows == 0


def test_parquet_goes_out_whole_and_comes_back(engine: Engine, tmp_path: Path) -> None:
    engine.register("costs", COSTS)
    for part in ("month=1", "month=2"):
        (tmp_path / part).mkdir()
        engine.write_parquet("select * from costs", tmp_path / part / "costs.parquet")
        assert pq.ParquetFile(tmp_path / part / "costs.parquet").read().equals(COSTS)
    engine.parquet("read_back", sorted(tmp_path.rglob("*.parquet")))
    found = engine.fetch("select * from read_back order by cost nulls last")
    assert found.column_names == ["provider", "cost"]
    assert found.num_rows == 8


def test_a_refused_step_is_named(engine: Engine) -> None:
    with pytest.raises(EngineError, match="The SQL step lost failed"):
        engine.step("lost", "select nothing from nowhere")
    with pytest.raises(EngineError, match="The step none has no Parquet files"):
        engine.parquet("none", [])


def test_engines_do_not_see_each_others_relations(spark: Engine) -> None:
    spark.register("mine", COSTS)
    with open_engine("spark") as other, pytest.raises(EngineError):
        other.fetch("select * from mine")


def test_an_unknown_engine_is_refused() -> None:
    with pytest.raises(EngineError, match="choose duckdb or spark"):
        open_engine("oracle")


def test_a_missing_java_runtime_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(EngineError, match="openjdk-17"):
        SparkEngine()


def test_spark_needs_no_pandas_and_writes_nothing_to_the_terminal() -> None:
    program = """
import sys

class NoPandas:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "pandas":
            raise ImportError("pandas is kept off the path")

sys.meta_path.insert(0, NoPandas())
import pyarrow as pa
from speccom.engine import open_engine
with open_engine("spark") as engine:
    engine.register("t", pa.table({"a": [1, 2]}))
    print(engine.fetch("select sum(a) as a from t").to_pylist())
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.stdout, done.stderr) == ("[{'a': 3}]\n", "")


def test_a_missing_pyspark_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("pyspark", "pyspark.sql", "pyspark.errors"):
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(EngineError, match=r"speccom\[spark\]"):
        SparkEngine()
