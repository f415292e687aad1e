"""What a platform calls a column of a result that is given no name."""

from __future__ import annotations

from sqlglot import exp

_THROUGH = (exp.Paren, exp.Window, exp.Filter, exp.Cast, exp.Collate)

_OWN = {"trim": "btrim", "str_position": "position"}
"""Functions that PostgreSQL has under another name than the standard."""


def implied_name(node: exp.Expression, dialect: str, number: int) -> str:
    """The name of the column at that place (from 1 on). MySQL's, the text itself, is not told: no view is without."""
    match dialect:
        case "postgres" | "redshift":
            return _after_its_function(node)
        case "trino" | "athena":
            return node.output_name or f"_col{number - 1}"
        case "bigquery":
            return node.output_name or f"f{number - 1}_"
        case _:
            return node.output_name or f"column{number}"


def _after_its_function(node: exp.Expression) -> str:
    while isinstance(node, _THROUGH) and isinstance(node.this, exp.Expression):
        node = node.this
    if isinstance(node, exp.Column | exp.Dot):
        return node.output_name or "?column?"
    if isinstance(node, exp.Subquery):
        first = node.this.expressions[0] if isinstance(node.this, exp.Select) and node.this.expressions else None
        return (first.alias or _after_its_function(first)) if isinstance(first, exp.Expression) else "?column?"
    if isinstance(node, exp.Case):
        other = node.args.get("default")
        return other.name if isinstance(other, exp.Column) else "case"
    if isinstance(node, exp.Exists):
        return "exists"
    if isinstance(node, exp.Anonymous):
        return node.name.lower()
    if isinstance(node, exp.Func) and not isinstance(node, exp.And | exp.Or | exp.Predicate | exp.Not | exp.Binary):
        name = node.sql_name().lower()
        return _OWN.get(name, name)
    return "?column?"
