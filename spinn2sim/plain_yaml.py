"""YAML as a user writes it by hand: text, numbers, truth values, null, lists and mappings.

PyYAML takes the last of two equal keys, reads ``2026-11-21`` as a date, and lets a few lines of
aliases stand for billions of values. Here the first is an error, the second is text, and aliases
and tags are refused, so that whatever is read can also be written to JSON.
"""

from __future__ import annotations

from typing import Any

import yaml

from spinn2sim.errors import SpecError

_PREFIX = "tag:yaml.org,2002:"
_PLAIN = {_PREFIX + kind for kind in ("null", "bool", "int", "float", "str")}

#: Line breaks beyond ASCII, which PyYAML writes bare and then reads as a space.
_LINE_BREAKS = set("\x85\u2028\u2029")

#: Levels of nesting that no file needs; beyond Python's own limit there is only a traceback.
MAX_DEPTH = 40


def read_yaml(text: str, where: str) -> Any:
    """The value that *text* stands for.

    :raises SpecError: it is not plain YAML; names *where* and the line.
    """
    try:
        return yaml.load(text, _Loader)  # noqa: S506 - a SafeLoader
    except yaml.YAMLError as error:
        raise SpecError(where, (f"not valid YAML: {_described(error)}",)) from None


def write_yaml(content: Any) -> str:
    """*content* as text that reads back as an equal value."""
    return yaml.dump(content, Dumper=_Dumper, sort_keys=False, allow_unicode=True)


class _Loader(yaml.SafeLoader):
    yaml_implicit_resolvers = {  # noqa: RUF012 - PyYAML's own form
        first: [(tag, pattern) for tag, pattern in resolvers if tag in _PLAIN]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]  # a gap in the stub
        if isinstance(event, yaml.AliasEvent):
            raise _refusal(f"alias *{event.anchor} is not accepted, write the value out", event)
        if event.tag is not None:
            tag = event.tag.replace(_PREFIX, "!!")
            raise _refusal(f"tag {tag} is not accepted, write a plain value", event)
        if self.depth == MAX_DEPTH:
            raise _refusal(f"nested more than {MAX_DEPTH} deep", event)
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 - PyYAML's signature
        seen = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise _refusal("a key must be text", key)
            if key.value in seen:
                raise _refusal(f"key {key.value!r} comes twice", key)
            seen.add(key.value)
        return super().construct_mapping(node, deep)

    def construct_whole_number(self, node: yaml.ScalarNode) -> int:
        try:
            number = self.construct_yaml_int(node)
        except ValueError:  # 0x_, or more digits than Python reads
            number = None
        if number is None or number.bit_length() > 64:
            raise _refusal(f"{node.value[:24]} is not a number of at most 64 bits", node)
        return number


_Loader.add_constructor(f"{_PREFIX}int", _Loader.construct_whole_number)


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - PyYAML's signature
        return True

    def represent_text(self, text: str) -> yaml.ScalarNode:
        quoted = '"' if _LINE_BREAKS & set(text) else None
        return self.represent_scalar(f"{_PREFIX}str", text, style=quoted)


_Dumper.add_representer(str, _Dumper.represent_text)


def _refusal(problem: str, found: Any) -> yaml.MarkedYAMLError:
    """*problem* with the place of *found*, an event or a node."""
    return yaml.MarkedYAMLError(problem=problem, problem_mark=found.start_mark)


def _described(error: yaml.YAMLError) -> str:
    """*error* in one line, with the line number in the file."""
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return " ".join(str(error).split()).replace(' in "<unicode string>"', "")
    context = f"{error.context} " if error.context else ""
    return f"line {error.problem_mark.line + 1}: {context}{error.problem}"
