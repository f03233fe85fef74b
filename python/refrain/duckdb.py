"""Functions of DuckDB: after `register(connection)` statements can call ``refrain_jaccard(a, b)`` and ``refrain_normalise(text)``.

>>> import duckdb, refrain.duckdb
>>> connection = refrain.duckdb.register(duckdb.connect())
>>> connection.sql("select refrain_jaccard('one two three four five', 'One, two, three, four, five') as j, refrain_normalise('Cafés!') as t").fetchall()
[(1.0, 'cafes')]
"""

from __future__ import annotations

from typing import Any

from . import _functions as functions

__all__ = ["register"]


def register(connection: Any, **settings: Any) -> Any:
    """Adds the functions to a connection and returns it. Of a null they give null.

    Args:
        connection: what `duckdb.connect` returns.
        **settings: `shingle` and `fold`, as in `refrain.Detection`.
    """
    import duckdb

    text = duckdb.sqltype("VARCHAR")

    def jaccard(a: str, b: str) -> float:
        return functions.jaccard(a, b, **settings)

    def normalise(text: str) -> str:
        return " ".join(token for token, _, _ in functions.tokens(text, **settings))

    connection.create_function("refrain_jaccard", jaccard, [text, text], duckdb.sqltype("DOUBLE"))
    connection.create_function("refrain_normalise", normalise, [text], text)
    return connection
