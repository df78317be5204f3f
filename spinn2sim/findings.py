"""What is wrong with values that a user wrote, in the words of YAML: text, list, mapping, nothing.

pydantic finds it, in the words of Python. Keys that one mapping lacks are one problem, whose remedy
depends on whether the mapping may be left out.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias, get_args

from pydantic import BaseModel

#: Characters of a refused value that a message shows, and levels of nesting.
_LONGEST_SHOWN, _DEEPEST_SHOWN = 80, 8

#: Where something was found: keys, and positions in lists.
Location: TypeAlias = tuple[int | str, ...]

_WHOLE, _NUMBER = "expected a whole number", "expected a number"
_LIST, _MAPPING = "expected a list", "expected a mapping of keys to values"
_EXPECTED = {
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float", "int_parsing_size"), _WHOLE),
    **dict.fromkeys(("float_type", "float_parsing"), _NUMBER),
    "finite_number": "expected a finite number",
    "string_type": "expected text",
    **dict.fromkeys(("bool_type", "bool_parsing"), "expected true or false"),
    **dict.fromkeys(("tuple_type", "list_type"), _LIST),
    **dict.fromkeys(("dict_type", "model_type"), _MAPPING),
}
_BOUNDS = {
    "greater_than": "expected a number above {:,g}",
    "greater_than_equal": "expected {:,g} or more",
    "less_than": "expected a number below {:,g}",
    "less_than_equal": "expected {:,g} or less",
}


def problems(model: type[BaseModel], errors: Iterable[Any]) -> tuple[str, ...]:
    """A line for each of pydantic's *errors* about a *model*; one for all keys a mapping lacks."""
    lines: dict[Location, str] = {}
    missing: dict[Location, list[str]] = {}
    for number, error in enumerate(errors):
        *group, last = error["loc"] or ("",)
        if error["type"] == "missing" and isinstance(last, str):
            missing.setdefault(tuple(group), []).append(last)
            lines[tuple(group)] = _missing(model, tuple(group), missing[tuple(group)])
        else:
            lines[number, *error["loc"]] = _problem(model, error)
    return tuple(lines.values())


def _missing(model: type[BaseModel], group: Location, keys: Sequence[str]) -> str:
    """That *keys* of the mapping at *group* are missing, and whether it may be left out."""
    *before, last = (repr(_path((*group, key))) for key in keys)
    many = f"keys {', '.join(before)} and {last} are missing; give them"
    said = many if before else f"key {last} is missing; give it"
    optional = bool(group) and _is_optional(_model_at(model, group[:-1]), str(group[-1]))
    return f"{said}, or leave {_path(group)} out" if optional else said.partition(";")[0]


def _is_optional(model: type[BaseModel] | None, key: str) -> bool:
    field = model.model_fields.get(key) if model else None
    return field is not None and type(None) in get_args(field.annotation)


def _problem(model: type[BaseModel], error: Any) -> str:
    path = _path(error["loc"])
    value = f"{path} = {shown(error['input'])}"
    match error["type"]:
        case "extra_forbidden":
            return f"unknown key {path!r}{nearest(error['loc'][-1], _keys(model, error['loc']))}"
        case "missing":
            return f"{_path(error['loc'][:-1])}: too few values in the list"
        case "too_long" | "too_short":
            return f"{value}: {_length(error)}"
        case "invalid_key":
            return f"key {path!r} is not text; put it in quotes"
        case "literal_error":
            return f"{value}: expected {error['ctx']['expected']}{_meant(error)}"
        case limit if limit in _BOUNDS:
            (bound,) = error["ctx"].values()
            return f"{value}: {_BOUNDS[limit].format(bound)}"
        case "value_error" if isinstance(error["input"], Mapping):  # about several keys
            return f"{path}: {error['ctx']['error']}" if path else str(error["ctx"]["error"])
        case "value_error":
            return f"{value}: {error['ctx']['error']}"
        case _:
            message = _EXPECTED.get(error["type"], error["msg"])
            return f"{value}: {message[0].lower()}{message[1:]}"


def _path(location: Location) -> str:
    return ".".join(str(part) for part in location)


def _length(error: Any) -> str:
    """How many values a list should have, and has."""
    found = error["ctx"]
    most, least = found.get("max_length"), found.get("min_length")
    limit = f"{least} or more" if most is None else f"{most}"
    return f"expected {limit} values, got {found['actual_length']}"


def _meant(error: Any) -> str:
    """The one of the accepted words that the refused one is like."""
    accepted = re.findall(r"'([^']*)'", error["ctx"]["expected"])
    close = difflib.get_close_matches(str(error["input"]), accepted, n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


def kind(value: object) -> str:
    """What YAML calls *value*."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "a truth value"
        case int() | float():
            return "a number"
        case str():
            return "text"
        case Mapping():
            return "a mapping"
        case _:
            return "a list"


def shown(value: object) -> str:
    """*value* as in YAML, text in quotes, cut short: a message is a line, a value may be a file."""
    text = _written(value, _DEEPEST_SHOWN) if value is not None else "nothing"
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}..."


def _written(value: object, depth: int) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case list() | tuple() | Mapping() if depth == 0:
            return "..."
        case list() | tuple():
            return f"[{', '.join(_written(each, depth - 1) for each in value)}]"
        case Mapping():
            pairs = (f"{key}: {_written(each, depth - 1)}" for key, each in value.items())
            return f"{{{', '.join(pairs)}}}"
    try:
        return repr(value)
    except ValueError:  # Python does not print an integer of more than 4,300 digits
        return "a huge number"


def nearest(key: object, known: Sequence[str], what: str = "keys") -> str:
    """The end of a message: the one of *known* that *key* may have meant, else all of them.

    *what* they are, in the plural.
    """
    close = difflib.get_close_matches(str(key), known, n=1)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f"; known {what}: {', '.join(sorted(known))}" if known else ""


def _keys(model: type[BaseModel], location: Location) -> list[str]:
    """The keys of the (nested) model in which the last part of *location* was looked up."""
    found = _model_at(model, location[:-1])
    return list(found.model_fields) if found else []


def _model_at(model: type[BaseModel], location: Location) -> type[BaseModel] | None:
    """The model of the mapping at *location* in a *model*; None if it has none."""
    for part in location:
        field = model.model_fields.get(str(part))
        if field is None:
            continue  # an index into a list, or a union's tag
        nested = [
            inner
            for inner in (field.annotation, *get_args(field.annotation))
            if isinstance(inner, type) and issubclass(inner, BaseModel)
        ]
        if not nested:
            return None
        model = nested[0]
    return model
