"""Both engines, opened once: starting Spark takes seconds."""

from collections.abc import Iterator

import pytest

from speccom.engine import Engine, open_engine


@pytest.fixture(scope="session")
def spark() -> Iterator[Engine]:
    with open_engine("spark") as engine:
        yield engine


@pytest.fixture(scope="session")
def duckdb() -> Iterator[Engine]:
    with open_engine("duckdb") as engine:
        yield engine


@pytest.fixture(params=["duckdb", "spark"])
def engine(request: pytest.FixtureRequest) -> Engine:
    """Each engine in turn."""
    found: Engine = request.getfixturevalue(request.param)
    return found
