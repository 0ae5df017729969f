"""Carries a SQL step from DuckDB, in which it is written, to Spark; what has no equal there is refused."""

from __future__ import annotations

import sqlglot
from sqlglot import exp
from sqlglot.errors import ErrorLevel, ParseError, SqlglotError

from speccom.engine import EngineError


def parse(sql: str) -> exp.Query:
    """One select, as DuckDB reads it. Raises `EngineError` for anything else, naming the line."""
    try:
        statements = sqlglot.parse(sql, read="duckdb")
    except ParseError as error:
        place = error.errors[0] if error.errors else {}
        said = str(place.get("description") or error).splitlines()[0].rstrip(".")
        raise EngineError(f"Line {place.get('line', 1)} cannot be read as SQL: {said}.") from error
    except SqlglotError as error:  # the tokeniser names no line
        raise EngineError(f"Line 1 cannot be read as SQL: {str(error).splitlines()[0]}.") from error
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        raise EngineError("Line 1 must begin the one select that a step is made of.")
    return statements[0]


def to_spark(sql: str) -> str:
    """The same select in Spark's SQL. Raises `EngineError` where the two cannot be made equal."""
    try:
        return parse(sql).sql("spark", unsupported_level=ErrorLevel.RAISE, comments=False)
    except SqlglotError as error:
        said = str(error).splitlines()[0].rstrip(".")
        raise EngineError(f"Line 1 begins a select that Spark cannot run: {said}.") from error
