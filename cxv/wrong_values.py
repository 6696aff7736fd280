"""What a message says of a value that cannot be used: by pydantic's type of error, in our words."""

import difflib
import re
from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType

from pydantic_core import ErrorDetails

MOST_LETTERS = 200
"""Of a value in a message."""

_WHOLE, _NUMBER, _TEXT, _LIST = "a whole number", "a number", "text", "a list"
_MAPPING, _BYTES = "a mapping of keys to values", "bytes in base64"
_DATE = "a date, such as 2026-12-31"

WANTED: Mapping[str, str] = MappingProxyType(
    {
        "base64_decode": _BYTES,
        "bool_parsing": "true or false",
        "bool_type": "true or false",
        "bytes_type": _BYTES,
        "dataclass_exact_type": _MAPPING,
        "dataclass_type": _MAPPING,
        "date_from_datetime_inexact": _DATE,
        "date_from_datetime_parsing": _DATE,
        "date_parsing": _DATE,
        "date_type": _DATE,
        "dict_type": _MAPPING,
        "enum": "{one_of}",
        "finite_number": "a finite number",
        "float_parsing": _NUMBER,
        "float_type": _NUMBER,
        "frozen_set_type": _LIST,
        "greater_than": "above {gt}",
        "greater_than_equal": "{ge} or more",
        "int_from_float": _WHOLE,
        "int_parsing": _WHOLE,
        "int_parsing_size": "a whole number of fewer digits",
        "int_type": _WHOLE,
        "is_instance_of": "a part of a network",
        "iterable_type": _LIST,
        "less_than": "below {lt}",
        "less_than_equal": "{le} or less",
        "list_type": _LIST,
        "literal_error": "{one_of}",
        "mapping_type": _MAPPING,
        "model_attributes_type": _MAPPING,
        "model_type": _MAPPING,
        "multiple_of": "a multiple of {multiple_of}",
        "none_required": "null",
        "set_type": _LIST,
        "string_pattern_mismatch": "{form}",
        "string_too_long": "text of at most {max_length} letters",
        "string_too_short": "text of at least {min_length} letters",
        "string_type": _TEXT,
        "string_unicode": _TEXT,
        "tuple_type": _LIST,
    }
)
"""What a value must be; in braces, the bound that pydantic names, and what is worked out."""

SAID: Mapping[str, str] = MappingProxyType(
    {
        "extra_forbidden": "no such key here",
        "missing": "is missing",
        "too_long": "holds too many values: at most {max_length}",
        "union_tag_invalid": "no {tag!r}{hint} (known: {expected_tags})",
        "union_tag_not_found": "{discriminator} is missing: it tells which other keys there are",
    }
)
"""What is said where the value itself says nothing."""

FORMS: Mapping[str, str] = MappingProxyType(
    {
        r"^[a-z0-9][a-z0-9_]*$": "a name of lower-case letters and digits, with _ between them",
        r"^\d+\.\d+$": "quoted digits with a point, such as '1.30'",
        r"^[A-Za-z0-9][A-Za-z0-9-]*$": "letters, digits and -, such as 'RES-3'",
        r"^D[1-9][0-9]*$": "an open point of the paper, such as 'D3'",
        r"^(D[1-9][0-9]*|tests/[a-z0-9_/]+\.py::test_[a-z0-9_]+)$": (
            "an open point of the paper, such as 'D3', or a test, such as"
            " 'tests/paper/test_costs.py::test_a_cost'"
        ),
    }
)
"""By regular expression of a text: what fits it."""
OWN_WORDS = ("value_error", "assertion_error")
"""Types of errors that our validators raise: their message says what was given."""


def said_of(*faults: ErrorDetails) -> str:
    """Return what is wrong with a value; of a union, each member has a fault of its own."""
    wanted = list(dict.fromkeys(filter(None, map(_wanted, faults))))
    if not wanted:
        return _said(faults[0])
    given = faults[0]["input"]
    near = nearest(given, [name for fault in faults for name in _names(fault)])
    return f"must be {' or '.join(wanted)}, not {shown(given)}{near}"


def nearest(given: object, known: Collection[str]) -> str:
    """Return a question after the name that was meant; "" if none is near."""
    near = difflib.get_close_matches(given, known, n=1) if isinstance(given, str) else []
    return f"; did you mean {near[0]!r}?" if near else ""


def shown(value: object) -> str:
    """Return a value as Python writes it, cut off where it is long."""
    return shortened(repr(value))


def shortened(text: str) -> str:
    """Return the first letters of a long text."""
    return text if len(text) <= MOST_LETTERS else f"{text[:MOST_LETTERS]}..."


def _said(fault: ErrorDetails) -> str:
    kind, context = fault["type"], fault.get("ctx", {})
    if kind in OWN_WORDS:
        return fault["msg"].removeprefix("Value error, ").removeprefix("Assertion failed, ")
    if kind == "json_invalid":
        return _no_json(str(context["error"]))
    if kind == "too_short":
        least, there = context["min_length"], context["actual_length"]
        return f"holds {there}: at least {least}" if there else "selects nothing: give at least one"
    if kind in SAID:
        hint = nearest(context.get("tag"), _names(fault))
        return SAID[kind].format_map({**context, "hint": hint})
    return f"cannot be {shown(fault['input'])}"


def _wanted(fault: ErrorDetails) -> str | None:
    """Return what a value must be; None where something else is to be said of it."""
    kind, context = fault["type"], fault.get("ctx", {})
    if kind not in WANTED:
        return None
    form = FORMS.get(context.get("pattern", ""), "text of another form")
    bounds = {key: _plain(value) for key, value in context.items()}
    return WANTED[kind].format_map({**bounds, "form": form, "one_of": _one_of(_names(fault))})


def _plain(value: object) -> object:
    """Return a whole number without its point: 1, not 1.0."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _names(fault: ErrorDetails) -> list[str]:
    """Return the names that are allowed, where some are listed."""
    context = fault.get("ctx", {})
    return re.findall(r"'([^']*)'", str(context.get("expected", context.get("expected_tags", ""))))


def _one_of(names: Sequence[str]) -> str:
    quoted = [repr(name) for name in names]
    few = 2
    return " or ".join(quoted) if len(quoted) <= few else f"one of {', '.join(quoted)}"


def _no_json(error: str) -> str:
    if error.startswith("recursion limit"):
        return "is nested too deeply"
    where = re.search(r"line (\d+) column (\d+)$", error)
    return "is no whole JSON text" + (f" (line {where[1]}, column {where[2]})" if where else "")
