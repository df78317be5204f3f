"""From YAML to a Scenario: presets underneath, the user's file on top, ``--set`` above both.

This is the only reader of scenario files. A file may say ``preset: fpga-prototype`` and give just
what differs; a preset may in turn rest on another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import deepcopy
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from spinn2sim.errors import MissingFileError, SpecError
from spinn2sim.findings import kind, nearest, shown
from spinn2sim.plain_yaml import read_yaml, write_yaml
from spinn2sim.spec.absent import absent_part, has, required_keys
from spinn2sim.spec.provenance import HARDWARE, USER, leaves, split
from spinn2sim.spec.scenario import Scenario
from spinn2sim.validated import validate

_PRESETS = resources.files("spinn2sim.spec") / "presets"


def presets() -> dict[str, str]:
    """Name and first comment line of each preset."""
    files = sorted(_PRESETS.iterdir(), key=lambda file: file.name.removesuffix(".yaml"))
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
        content, where = {"preset": preset}, f"preset {preset or shown(preset)}"
    else:
        content, where = _read(Path(path)), str(path)
    unchanged, overrides = deepcopy(content), tuple(overrides)
    changes: dict[str, Any] = {}
    for override in overrides:
        _set(content, override)
        _set(changes, override)
    resolved = _resolve(content, where, machine, changes)
    if path is None and "chip" in resolved and "firmware" not in resolved:
        problem = "describes a machine only; give name, n_pe and firmware in a file or by --set"
        raise SpecError(where, (problem,))
    if "chip" not in resolved and content.get("preset") is None:
        problem = f"names no machine; rest it on one, as preset: {next(iter(_machines()))}"
        raise SpecError(where, (problem,))
    try:
        return validate(Scenario, resolved, where)
    except SpecError as refused:
        under = _resolve(unchanged, where, machine, {})
        for override in overrides:
            _refuse_change_of_absent(override, under, refused)
        raise


def _refuse_change_of_absent(override: str, under: Mapping[str, Any], refused: SpecError) -> None:
    """:raises SpecError: *override* changes a part that the scenario *under* it does not have."""
    path = override.partition("=")[0].strip()
    part = absent_part(path, under)
    if part is None:
        return
    having = [name for name, content in _machines().items() if has(content, part)]
    preset = f"rest it on a preset that has one ({', '.join(having)}), or " if having else ""
    keys = ", ".join(f"{part}.{key}" for key in required_keys(part))
    problem = f"the scenario has no {part} to change; {preset}give all of {keys}"
    wrong = (f"{path} = ", f"unknown key {path!r}")
    others = (each for each in refused.problems if each.startswith(wrong))
    raise SpecError(f"--set {override}", (problem, *others)) from None


def _machines() -> dict[str, Mapping[str, Any]]:
    """The content of each preset that is a machine alone, by name."""
    contents = {name: _preset(name, "presets") for name in presets()}
    return {
        name: _over_preset(*split(content), f"preset {name}", None)
        for name, content in contents.items()
        if _is_machine(content)
    }


def dump_scenario(scenario: Scenario) -> str:
    """*scenario* as YAML that loads to an equal one, presets resolved."""
    content = scenario.model_dump(mode="json", exclude_none=True)
    return write_yaml(content)


def _read(path: Path) -> dict[str, Any]:
    try:
        if path.is_dir():
            raise SpecError(str(path), ("is a folder; name a scenario file in it, or a --preset",))
        if not path.is_file():
            raise MissingFileError("scenario", str(path), "check the path, or use --preset")
        return _parse(path.read_text(encoding="utf-8"), str(path))
    except UnicodeDecodeError:
        raise SpecError(str(path), ("not a text file",)) from None
    except OSError as error:
        raise SpecError(str(path), (f"cannot be read: {error.strerror}",)) from None


def _parse(text: str, where: str) -> dict[str, Any]:
    content = read_yaml(text, where)
    if not isinstance(content, dict):
        problem = f"expected a mapping of keys to values, got {kind(content)}"
        raise SpecError(where, (problem,))
    return content


def _resolve(
    content: dict[str, Any], where: str, machine: str | None, changes: dict[str, Any]
) -> dict[str, Any]:
    """The user's *content* over its preset, with the provenance of every hardware value.

    *changes* is the part of *content* that comes from ``--set``. In a resolved scenario, which
    rests on no preset and brings its provenance along, just these values are the user's.
    """
    own, annotated = split(content)
    given = own.pop("provenance", {})
    if not isinstance(given, dict):
        raise SpecError(where, ("provenance: expected a mapping of key paths to sources",))
    users = {} if given and "preset" not in own else _of_the_user(own)
    changed = _of_the_user(split(changes)[0])
    return _over_preset(own, users | given | changed | annotated, where, machine)


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
    if machine is not None and _is_machine(content):
        name, content, machine = machine, _machine(machine), None
    under = _over_preset(*split(content), f"preset {name}", machine)
    merged = _merge(under, own)
    merged["provenance"] = {
        path: source for path, source in under["provenance"].items() if _is_kept(path, merged)
    } | provenance
    return merged


def _is_kept(path: str, content: Mapping[str, Any]) -> bool:
    """Whether *content* still has the part with the value at *path*: ``board: null`` drops it."""
    part, dot, key = path.partition(".")
    below = content.get(part)
    return below is not None and (not dot or not isinstance(below, Mapping) or _is_kept(key, below))


def _machine(name: str) -> dict[str, Any]:
    where = f"machine {name or shown(name)}"
    content = _preset(name, where)
    if not _is_machine(content):
        raise SpecError(where, ("is a whole scenario; name a preset without firmware",))
    return content


def _is_machine(content: Mapping[str, Any]) -> bool:
    """Whether neither the preset *content* nor one that it rests on names a firmware."""
    below = content.get("preset")
    return "firmware" not in content and (below is None or _is_machine(_preset(below, "preset")))


def _preset(name: object, where: str) -> dict[str, Any]:
    known = list(presets())
    if name not in known:
        raise SpecError(where, (f"no preset {shown(name)}{nearest(name, known, 'presets')}",))
    return _read_preset(str(name))


@cache  # YAML is slow to read, and a sweep loads its preset for each point; never changed in place
def _read_preset(name: str) -> dict[str, Any]:
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
    if not equals or not path.strip():
        where = f"--set {override if override.strip() else repr(override)}"
        raise SpecError(where, ("expected key.path=value, as chip.pe.clock=150MHz",))
    if not text.strip():
        raise SpecError(f"--set {override}", ("the value is empty; null leaves a key out",))
    *parents, last = path.strip().split(".")
    for key in parents:
        content = content.setdefault(key, {})
        if not isinstance(content, dict):
            raise SpecError(f"--set {override}", (f"{key!r} is a value, not a group of keys",))
    content[last] = read_yaml(text, f"--set {override}")
