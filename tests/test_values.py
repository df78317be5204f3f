"""Values are frozen and have slots; what changes is hardware, and has a class of its own."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[1]

#: Dataclasses that are something else, and why.
OTHERS = {
    # They change: a packet on its way, which is itself whatever it holds; an account of a program.
    "spinn2sim/hw/noc/hop.py:Flit": {"slots", "eq=False"},
    "spinn2sim/firmware/untimed.py:_Tally": {"slots"},
    # Cached properties need a __dict__.
    "spinn2sim/arm/elf.py:Elf": {"frozen"},
    "spinn2sim/hw/replay/programs.py:Programs": {"frozen"},
}


def dataclasses():
    """Name and keywords of each dataclass of the packages."""
    for package in ("spinn2sim", "firmware_models"):
        for path in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                for decorator in getattr(node, "decorator_list", ()):
                    if isinstance(node, ast.ClassDef) and "dataclass" in ast.unparse(decorator):
                        yield f"{path.relative_to(ROOT)}:{node.name}", _keywords(decorator)


def _keywords(decorator):
    return {
        word.arg if ast.unparse(word.value) == "True" else ast.unparse(word)
        for word in getattr(decorator, "keywords", ())
    }


def test_dataclasses_are_frozen_and_have_slots_but_for_these():
    found = {
        name: keywords for name, keywords in dataclasses() if not keywords >= {"frozen", "slots"}
    }
    assert found == OTHERS
