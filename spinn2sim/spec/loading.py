"""From YAML to a Scenario: presets underneath, the user's file on top, ``--set`` above both.

This is the only reader of scenario files. A file may say ``preset: fpga-prototype`` and give just
what differs; a preset may in turn rest on another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from spinn2sim.errors import MissingFileError, SpecError
from spinn2sim.spec.provenance import HARDWARE, USER, leaves, split
from spinn2sim.spec.scenario import Scenario
from spinn2sim.validated import nearest, validate

_PRESETS = resources.files("spinn2sim.spec") / "presets"


#: Tags of the values that a scenario is made of.
_PLAIN = {f"tag:yaml.org,2002:{kind}" for kind in ("null", "bool", "int", "float", "str")}

#: Levels of nesting that no scenario needs; Python's own limit ends in a traceback.
_MAX_DEPTH = 40


class _Loader(yaml.SafeLoader):
    """Plain YAML: text, numbers, truth values, null, lists and mappings, each written out.

    A key that comes twice is an error, not the last one's win; dates are text; aliases (of which
    a few lines could make billions of values) and tags are refused.
    """

    yaml_implicit_resolvers = {  # noqa: RUF012 - PyYAML's own form
        first: [(tag, pattern) for tag, pattern in resolvers if tag in _PLAIN]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event = self.peek_event()
        if isinstance(event, yaml.AliasEvent):
            raise _refusal(f"alias *{event.anchor}: write the value out", event)
        if event.tag is not None:
            raise _refusal(f"tag {event.tag}: only plain values are accepted", event)
        if self.depth > _MAX_DEPTH:
            raise _refusal(f"nested more than {_MAX_DEPTH} deep", event)
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
        except ValueError:  # 0x_, or more than 4,300 digits
            number = None
        if number is None or number.bit_length() > 64:
            raise _refusal(f"{node.value[:24]} is not a number of at most 64 bits", node)
        return number


_Loader.add_constructor("tag:yaml.org,2002:int", _Loader.construct_whole_number)


def _refusal(problem: str, where: yaml.Event | yaml.Node) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=problem, problem_mark=where.start_mark)


def presets() -> dict[str, str]:
    """Name and first comment line of each preset."""
    files = sorted(_PRESETS.iterdir(), key=lambda file: file.name)
    texts = {file.name.removesuffix(".yaml"): file.read_text("utf-8") for file in files}
    return {name: text.partition("\n")[0].removeprefix("# ") for name, text in texts.items()}


def load_scenario(
    path: Path | str | None = None,
    *,
    preset: str | None = None,
    machine: str | None = None,
    overrides: Iterable[str] = (),
) -> Scenario:
    """The scenario in the file *path* or the *preset*, with *overrides* ``key.path=value``.

    *machine* names the preset to rest on instead of the machine that the scenario names.

    :raises MissingFileError: there is no such file.
    :raises SpecError: something in it cannot be used; names the key path, value and range.
    """
    assert (path is None) != (preset is None), "name either a file or a preset"
    if path is None:
        content, where = {"preset": preset}, f"preset {preset}"
    else:
        content, where = _read(Path(path)), str(path)
    changes: dict[str, Any] = {}
    for override in overrides:
        _set(content, override)
        _set(changes, override)
    resolved = _resolve(content, where, machine)
    resolved["provenance"] |= _of_the_user(changes)
    if path is None and "firmware" not in resolved:
        remedy = f"write a scenario that says 'preset: {preset}', with name, n_pe and firmware"
        raise SpecError(where, (f"is a machine without firmware; {remedy}",))
    return validate(Scenario, resolved, where)


def dump_scenario(scenario: Scenario) -> str:
    """*scenario* as YAML that loads to an equal one, presets resolved."""
    content = scenario.model_dump(mode="json", exclude_none=True)
    return yaml.safe_dump(content, sort_keys=False, allow_unicode=True)


def _read(path: Path) -> dict[str, Any]:
    try:
        if not path.is_file():
            raise MissingFileError("scenario", str(path), "check the path, or use --preset")
        return _parse(path.read_text(encoding="utf-8"), str(path))
    except UnicodeDecodeError:
        raise SpecError(str(path), ("not a text file",)) from None
    except OSError as error:
        raise SpecError(str(path), (f"cannot be read: {error.strerror}",)) from None


def _parse(text: str, where: str) -> dict[str, Any]:
    try:
        content = yaml.load(text, _Loader)  # noqa: S506 - a SafeLoader
    except yaml.YAMLError as error:
        raise SpecError(where, (f"not valid YAML: {_described(error)}",)) from None
    if not isinstance(content, dict):
        kind = type(content).__name__
        raise SpecError(where, (f"expected a mapping of keys to values, got {kind}",))
    return content


def _described(error: yaml.YAMLError) -> str:
    """*error* in one line, with the line number in the file."""
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return " ".join(str(error).split())
    context = f"{error.context} " if error.context else ""
    return f"line {error.problem_mark.line + 1}: {context}{error.problem}"


def _resolve(content: dict[str, Any], where: str, machine: str | None) -> dict[str, Any]:
    """The user's *content* over its preset, with the provenance of every hardware value."""
    own, annotated = split(content)
    given = own.pop("provenance", None)
    if given is None:  # else it is a resolved scenario, whose provenance is complete
        given = _of_the_user(own) | annotated
    elif not isinstance(given, dict):
        raise SpecError(where, ("provenance: expected a mapping of key paths to sources",))
    return _over_preset(own, given, where, machine)


def _of_the_user(content: Mapping[str, Any]) -> dict[str, Any]:
    """Provenance of the hardware values in *content*, which a user gave without a source."""
    mentioned = {part: content[part] for part in HARDWARE if isinstance(content.get(part), Mapping)}
    return dict.fromkeys(leaves(mentioned), USER.model_dump())


def _over_preset(
    own: dict[str, Any], provenance: dict[str, Any], where: str, machine: str | None
) -> dict[str, Any]:
    name = own.pop("preset", None)
    if name is None and machine is not None:
        raise SpecError(where, (f"rests on no preset that {machine!r} could replace",))
    if name is None:
        return {**own, "provenance": provenance}
    content = _preset(name, where)
    if machine is not None and "firmware" not in content:
        name, content, machine = machine, _machine(machine), None
    under = _over_preset(*split(content), f"preset {name}", machine)
    merged = _merge(under, own)
    merged["provenance"] = under["provenance"] | provenance
    return merged


def _machine(name: str) -> dict[str, Any]:
    where = f"machine {name}"
    content = _preset(name, where)
    if "firmware" in content:
        raise SpecError(where, ("is a whole scenario; name a preset without firmware",))
    return content


def _preset(name: object, where: str) -> dict[str, Any]:
    known = list(presets())
    if name not in known:
        raise SpecError(where, (f"no preset {name!r}{nearest(name, known)}",))
    return _parse((_PRESETS / f"{name}.yaml").read_text("utf-8"), f"preset {name}")


def _merge(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(under)
    for key, value in over.items():
        below = merged.get(key)
        if isinstance(below, Mapping) and isinstance(value, Mapping):
            merged[key] = _merge(below, value)
        else:
            merged[key] = value
    return merged


def _set(content: dict[str, Any], override: str) -> None:
    path, equals, text = override.partition("=")
    if not equals or not path:
        raise SpecError(f"--set {override}", ("expected key.path=value",))
    *parents, last = path.strip().split(".")
    for key in parents:
        content = content.setdefault(key, {})
        if not isinstance(content, dict):
            raise SpecError(f"--set {override}", (f"{key!r} is a value, not a group of keys",))
    try:
        content[last] = yaml.load(text, _Loader)  # noqa: S506 - a SafeLoader
    except yaml.YAMLError as error:
        problem = f"{text!r} is not valid YAML: {_described(error)}"
        raise SpecError(f"--set {override}", (problem,)) from None
