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


class _Loader(yaml.SafeLoader):
    """Safe YAML in which a key that comes twice is an error, not the last one's win."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 - PyYAML's signature
        seen = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"key {key.value!r} comes twice", key.start_mark
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep)


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
    if path is None:
        content, where = {"preset": preset}, f"preset {preset}"
    else:
        content, where = _read(Path(path)), str(path)
    for override in overrides:
        _set(content, override)
    return validate(Scenario, _resolve(content, where, machine), where)


def dump_scenario(scenario: Scenario) -> str:
    """*scenario* as YAML that loads to an equal one, presets resolved."""
    content = scenario.model_dump(mode="json", exclude_none=True)
    return yaml.safe_dump(content, sort_keys=False, allow_unicode=True)


def _read(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise MissingFileError("scenario", str(path), "check the path, or use --preset")
    try:
        return _parse(path.read_text(encoding="utf-8"), str(path))
    except UnicodeDecodeError:
        raise SpecError(str(path), ("not a text file",)) from None


def _parse(text: str, where: str) -> dict[str, Any]:
    try:
        content = yaml.load(text, _Loader)  # noqa: S506 - a SafeLoader
    except yaml.YAMLError as error:
        lines = " ".join(str(error).split())
        raise SpecError(where, (f"not valid YAML: {lines}",)) from None
    if not isinstance(content, dict):
        kind = type(content).__name__
        raise SpecError(where, (f"expected a mapping of keys to values, got {kind}",))
    return content


def _resolve(content: dict[str, Any], where: str, machine: str | None) -> dict[str, Any]:
    """The user's *content* over its preset, with the provenance of every hardware value."""
    own, annotated = split(content)
    given = own.pop("provenance", None)
    if given is None:  # else it is a resolved scenario, whose provenance is complete
        mentioned = {part: own[part] for part in HARDWARE if isinstance(own.get(part), Mapping)}
        given = dict.fromkeys(leaves(mentioned), USER.model_dump()) | annotated
    return _over_preset(own, given, where, machine)


def _over_preset(
    own: dict[str, Any], provenance: dict[str, Any], where: str, machine: str | None
) -> dict[str, Any]:
    name = own.pop("preset", None)
    if name is None:
        return {**own, "provenance": provenance}
    content = _preset(name, where)
    if machine is not None and "firmware" not in content:
        name, content, machine = machine, _preset(machine, where), None
    under = _over_preset(*split(content), f"preset {name}", machine)
    merged = _merge(under, own)
    merged["provenance"] = under["provenance"] | provenance
    return merged


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
        content[last] = yaml.safe_load(text)
    except yaml.YAMLError:
        raise SpecError(f"--set {override}", (f"{text!r} is not valid YAML",)) from None
