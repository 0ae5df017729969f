"""Holds every SQL step to the subset that DuckDB and Spark read alike: `python -m speccom.engine.lint`.

A step that only DuckDB ever runs (reading CSV, say) lies in a folder `sql/duckdb`, or opens with
`-- duckdb only: why`; it is held to the spelling alone.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlglot import Token, TokenType, tokenize

from speccom.engine import EngineError
from speccom.engine.dialect import parse, to_spark

SOURCES = Path(__file__).parents[1]

# Functions that the engines answer differently, or differently each time, and what to write in their place.
FORBIDDEN_FUNCTIONS = {
    **dict.fromkeys(
        ("hash", "xxhash64", "murmur_hash"),
        "each engine has its own hash; use md5 or sha256, which are the same on both",
    ),
    **dict.fromkeys(
        (
            "list",
            "array_agg",
            "list_agg",
            "string_agg",
            "group_concat",
            "listagg",
            "first",
            "last",
            "any_value",
            "arbitrary",
        ),
        "it gathers or picks values in no sure order; join to a step with a row each, or take min or max",
    ),
    **dict.fromkeys(
        (
            "quantile",
            "quantile_cont",
            "quantile_disc",
            "median",
            "mode",
            "percentile_cont",
            "approx_quantile",
        ),
        "quantiles differ between engines; give engine/dialect.py a hook for it and use that",
    ),
    **dict.fromkeys(
        ("random", "uuid", "gen_random_uuid", "now", "today", "get_current_timestamp"),
        "the result would change from run to run; pass the value in",
    ),
}
FORBIDDEN_WORDS = {
    "asof": "only DuckDB has asof join; join on the key and the half-open range",
    "current_date": "the result would change from run to run; pass the value in",
    "current_timestamp": "the result would change from run to run; pass the value in",
    "limit": "which rows are kept is not sure; use qualify with row_number and a full order",
}
_AFTER_ORDER = {TokenType.LIMIT, TokenType.ROWS, TokenType.RANGE, TokenType.UNION, TokenType.SEMICOLON}


@dataclass(frozen=True, order=True)
class Fault:
    """One thing to change, at a line of a file."""

    path: Path
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


def lint(path: Path) -> list[Fault]:
    """The faults of one step, in the order of its lines."""
    sql = path.read_text(encoding="utf-8")
    duckdb_only = path.parent.name == "duckdb" or re.match(r"-- duckdb only: \S", sql) is not None
    try:
        parse(sql) if duckdb_only else to_spark(sql)
    except EngineError as error:
        line = re.search(r"Line (\d+)", str(error))
        return [Fault(path, int(line[1]) if line else 1, str(error))]
    tokens = tokenize(sql, read="duckdb")
    faults = [*_spelling(sql, tokens), *([] if duckdb_only else _portability(tokens))]
    return sorted(Fault(path, line, message) for line, message in set(faults))


def lint_all(root: Path = SOURCES) -> list[Fault]:
    """The faults of every step under a directory."""
    return [fault for path in sorted(root.rglob("*.sql")) for fault in lint(path)]


def _spelling(sql: str, tokens: list[Token]) -> Iterator[tuple[int, str]]:
    if not sql.startswith("-- "):
        yield 1, "the step must open with a comment that says what it holds."
    for token in tokens:
        written = sql[token.start : token.end + 1]  # a token's own text may be respelt
        if token.token_type not in (TokenType.STRING, TokenType.IDENTIFIER) and written != written.lower():
            yield token.line, f"write {written} in lower case."


def _portability(tokens: list[Token]) -> Iterator[tuple[int, str]]:
    for token, following in zip(tokens, [*tokens[1:], None], strict=True):
        word = token.text.lower()
        if token.token_type is TokenType.STRING:
            if "\\" in token.text:
                yield (
                    token.line,
                    "a backslash in a text means itself to DuckDB and an escape to Spark: write [0-9], [.].",
                )
        elif token.token_type is TokenType.IDENTIFIER:
            yield token.line, f"name {token.text} without quotation marks."
        elif word in FORBIDDEN_WORDS:
            yield token.line, f"{word} is not allowed: {FORBIDDEN_WORDS[word]}."
        elif following is None or following.token_type is not TokenType.L_PAREN:
            continue
        elif word in FORBIDDEN_FUNCTIONS or word.startswith("list_"):
            why = FORBIDDEN_FUNCTIONS.get(word, "lists differ between engines; use a row each")
            yield token.line, f"{word}() is not allowed: {why}."
    for position, token in enumerate(tokens):
        if token.token_type is TokenType.ORDER_BY:
            yield from _unordered_nulls(tokens[position + 1 :])


def _unordered_nulls(tokens: list[Token]) -> Iterator[tuple[int, str]]:
    """The terms of an order by, which these tokens follow, that leave the place of nulls to the engine."""
    depth, said, last = 0, False, tokens[0]
    for token in [*tokens, Token(TokenType.SEMICOLON, ";")]:
        ends = token.token_type in _AFTER_ORDER or (token.token_type is TokenType.R_PAREN and depth == 0)
        if ends or (token.token_type is TokenType.COMMA and depth == 0):
            if not said:
                yield (
                    last.line,
                    "say where nulls go: write nulls first or nulls last after each term of order by.",
                )
            said = False
        if ends:
            return
        depth += (token.token_type is TokenType.L_PAREN) - (token.token_type is TokenType.R_PAREN)
        said = said or token.text.lower() == "nulls"
        last = token


def main() -> None:
    faults = lint_all()
    for fault in faults:
        print(fault, file=sys.stderr)
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
