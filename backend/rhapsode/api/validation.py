"""Plain sentences for what pydantic finds wrong with a request."""

import re
from collections.abc import Mapping
from typing import Any

_LIMITS = {
    "string_too_long": "may have at most {max_length:,} characters",
    "string_too_short": "needs at least {min_length:,} characters",
    "greater_than_equal": "must be at least {ge:g}",
    "less_than_equal": "must be at most {le:g}",
    "greater_than": "must be more than {gt:g}",
    "less_than": "must be less than {lt:g}",
    "literal_error": "must be {expected}",
    "enum": "must be {expected}",
    "missing": "is missing",
    "extra_forbidden": "is not known here",
    "finite_number": "must be a finite number",
}

_TYPES = {
    "int": "must be a whole number",
    "float": "must be a number",
    "bool": "must be true or false",
    "string": "must be text",
    "model_attributes": "must be a JSON object",
    "dict": "must be a JSON object",
    "list": "must be a list",
}

_SOURCES = ("body", "query", "path", "header", "cookie")


def explain(error: Mapping[str, Any]) -> tuple[str | None, str, list[str] | None]:
    """Put one of pydantic's findings into words.

    Args:
        error: An item of `ValidationError.errors()`.

    Returns:
        The field (None when it is the body as a whole), a sentence that names the field and its
        limits, and the allowed values where they can be listed.
    """
    kind: str = error["type"]
    if kind == "json_invalid":
        return None, "The body is no valid JSON.", None
    path = [str(step) for step in error["loc"] if step not in _SOURCES]
    param = ".".join(path) or None
    context: dict[str, Any] = error.get("ctx", {})
    complaint = _complaint(kind, context, error["msg"])
    return param, f"{param or 'The body'} {complaint}.", _allowed(kind, context)


def _complaint(kind: str, context: Mapping[str, Any], message: str) -> str:
    if kind in _LIMITS:
        return _LIMITS[kind].format(**context)
    if kind == "value_error":
        return str(context["error"])
    family = next((name for name in _TYPES if kind.startswith(f"{name}_")), None)
    return _TYPES[family] if family else f"is not valid: {message}"


def _allowed(kind: str, context: Mapping[str, Any]) -> list[str] | None:
    if kind not in ("literal_error", "enum"):
        return None
    return re.findall(r"'([^']*)'", context["expected"])
