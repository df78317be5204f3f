"""Damaged scenario files: whatever is in one, it loads or is refused with a message."""

import random
from contextlib import suppress
from importlib import resources

import pytest

from spinn2sim.errors import Spinn2SimError
from spinn2sim.spec import dump_scenario, load_scenario

PRESETS = resources.files("spinn2sim.spec") / "presets"
N_DAMAGED = 210

#: What a value may be replaced by: every kind of YAML, and numbers beyond some range.
WILD = (
    *(
        "~",
        "yes",
        "0",
        "-1",
        "1.5",
        ".nan",
        ".inf",
        "1e400",
        "1e999999999MHz",
        "0x_",
        "0b_",
        "1:60",
    ),
    *("0xffffffffffffffffffff", "[0, 99999999999999999999]", "9" * 5_000, "a" * 10_000),
    *("2026-99-99", "''", '"\\ud800"', "\U0001f984", "=", "<<", "|", ">", "%", "@", "`", "-", "?"),
    *(
        "---",
        "...",
        ":",
        ",",
        "]",
        "}",
        "#",
        "\t",
        "\x00",
        "\ufeff",
        "[",
        "{",
        "&a",
        "*a",
        "&a [*a]",
    ),
    *("!!set", "!!set {a}", "!!binary aGVsbG//", "!!python/name:os.system", "!x"),
    *("[]", "{}", "[[]]", "[[0]]", "{a: 1}", "{1: 2}", "{[]: 1}", "{a: {a: {a: 1}}}"),
    *("{value: ~, source: ~}", "{value: {}, source: 3, confidence: guess}", "{<<: {a: 1}}"),
    *("[" * 300, "{a: " * 300, "preset:", "fpga-prototype", "paper-12pe"),
)


def _delete(text, rng):
    start = rng.randrange(len(text))
    return text[:start] + text[start + rng.choice([1, 1, 2, 5, 30, 300]) :]


def _swap(text, rng):
    first, second = sorted(rng.sample(range(len(text)), 2))
    middle = text[first + 1 : second]
    return text[:first] + text[second] + middle + text[first] + text[second + 1 :]


def _insert(text, rng):
    start = rng.randrange(len(text))
    return text[:start] + rng.choice(WILD) + text[start:]


def _replace_value(text, rng):
    lines = text.splitlines()
    number = rng.choice([n for n, line in enumerate(lines) if ":" in line])
    lines[number] = f"{lines[number].partition(':')[0]}: {rng.choice(WILD)}"
    return "\n".join(lines)


def _repeat_line(text, rng):
    lines = text.splitlines()
    lines.insert(rng.randrange(len(lines)), rng.choice(lines))
    return "\n".join(lines)


def _indent(text, rng):
    lines = text.splitlines()
    number = rng.randrange(len(lines))
    lines[number] = rng.choice(["  ", " ", "\t", "- "]) + lines[number]
    return "\n".join(lines)


DAMAGES = (_delete, _swap, _insert, _replace_value, _repeat_line, _indent)


def damaged(text, rng):
    for damage in rng.choices(DAMAGES, k=rng.choice([1, 1, 2, 4])):
        text = damage(text, rng) or "-"
        if ":" not in text:
            break
    return text


def originals():
    machine = (PRESETS / "fpga-prototype.yaml").read_text()
    return (
        (PRESETS / "paper-12pe.yaml").read_text(),
        f"name: a\nn_pe: 2\nfirmware: a:B\n{machine}",
        dump_scenario(load_scenario(preset="paper-12pe")),
    )


def refusal(path, text):
    """What is said about *text*, None if it loads; any error that is not ours goes through."""
    path.write_text(text, encoding="utf-8", errors="surrogatepass")
    try:
        scenario = load_scenario(path)
    except Spinn2SimError as error:
        return str(error)
    dump_scenario(scenario)
    return None


def test_a_damaged_file_loads_or_is_refused_with_its_name(tmp_path):
    texts = originals()
    path = tmp_path / "s.yaml"
    messages = [
        refusal(path, damaged(texts[seed % len(texts)], random.Random(seed)))  # noqa: S311
        for seed in range(N_DAMAGED)
    ]
    refused = [message for message in messages if message is not None]
    assert all(message.startswith(f"{path}: ") for message in refused)
    assert N_DAMAGED / 4 < len(refused) < N_DAMAGED  # neither harmless nor always fatal


@pytest.mark.parametrize("key", ["chip", "n_pe", "timestep", "parameters", "provenance", "name"])
def test_anything_in_place_of_a_group_a_number_or_a_name_is_read_or_refused(tmp_path, key):
    for value in WILD:
        refusal(tmp_path / "s.yaml", f"preset: paper-12pe\n{key}: {value}\n")


@pytest.mark.parametrize("key", ["chip.pe.clock", "parameters.a", "preset"])
def test_anything_in_an_override_is_read_or_refused(key):
    for value in WILD:
        with suppress(Spinn2SimError):
            load_scenario(preset="paper-12pe", overrides=[f"{key}={value}"])


def test_anything_in_place_of_the_preset_is_refused(tmp_path):
    for value in set(WILD) - {"paper-12pe"}:
        assert refusal(tmp_path / "s.yaml", f"preset: {value}\n") is not None
