"""Conditions of a panel as KQL for Kibana and as a query for Elasticsearch, made from the same definition."""

from __future__ import annotations

from typing import Any

from tools.dashboards.definition import Conditions

Value = str | bool | int


def values(condition: str | bool | int | list[str]) -> list[Value]:
    """Return the values of a condition as a list."""
    return [*condition] if isinstance(condition, list) else [condition]


def _literal(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if value == "*":
        return "*"
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def kql(where: Conditions, without: Conditions | None = None) -> str:
    """Return the conditions in Kibana's query language."""
    parts: list[str] = []
    for negated, conditions in ((False, where), (True, without or {})):
        for field, condition in conditions.items():
            literals = [_literal(value) for value in values(condition)]
            choice = literals[0] if len(literals) == 1 else f"({' or '.join(literals)})"
            parts.append(f"{'not ' if negated else ''}{field}: {choice}")
    return " and ".join(parts)


def clause(field: str, condition: str | bool | int | list[str]) -> dict[str, Any]:
    """Return one condition as an Elasticsearch query."""
    if condition == "*":
        return {"exists": {"field": field}}
    return {"terms": {field: values(condition)}}


def query(where: Conditions, without: Conditions | None = None) -> dict[str, Any]:
    """Return the conditions as an Elasticsearch query."""
    found: dict[str, Any] = {"bool": {"filter": [clause(field, condition) for field, condition in where.items()]}}
    if without:
        found["bool"]["must_not"] = [clause(field, condition) for field, condition in without.items()]
    return found
