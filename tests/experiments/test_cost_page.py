"""docs/cost_tables.md has the tables that its script makes, and its text says the same."""

import re

import pytest

from experiments import compare_costs as script

PAGE = script.PAGE.read_text()


def held(name):
    """The lines of a table of the page."""
    found = re.search(rf"<!-- table: {name} -->\n(.*?)\n<!-- end -->", PAGE, re.DOTALL)
    return found[1].splitlines()


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.slow) if name == "remote" else name
        for name in script.TABLES
    ],
)
def test_each_table_is_what_the_script_makes(name):
    if name == "remote":
        for module in ("unicorn", "capstone", "elftools"):
            pytest.importorskip(module, reason="needs spinn2sim[elf]")
    assert held(name) == list(script.TABLES[name]())


def cells(table, first):
    (found,) = [line for line in held(table) if line.startswith(f"| {first} |")]
    return [cell.strip() for cell in found.strip("|").split("|")]


def test_the_figures_in_the_text_are_those_of_the_tables():
    loops, fused = cells("profiles", "loops-O2"), cells("profiles", "fused-O2")
    step, e_prop, share, _, update, ratio = loops[1:]
    for said in (
        f"| e-prop function, cycles per step | 140 K | {e_prop} |",
        f"| weight update, cycles | 200 K | {update} |",
        f"| step | 200 K | {step} |",
        f"| share of e-prop in a step | 70 % | {share.replace('%', ' %')} |",
        f"| update / step | about 1 | {ratio} |",
        f"At -O2, against `loops`: {fused[1][:6]} instead of {step[:7]} cycles per step",
        f"`loops-Os` takes {cells('profiles', 'loops-Os')[1]} per step",
    ):
        assert said in PAGE
    only_adds = float(cells("parts", "e_prop.accumulate")[2].removesuffix("%"))
    assert f"it finds {100 - only_adds:.1f} : {only_adds:.1f}." in PAGE


def test_seventy_six_neurons_are_the_limit_at_five_cycles_a_remote_read():
    loops = cells("remote", "loops-O2")[2:]
    assert (loops[2], loops[4], loops[5], loops[8]) == ("88", "79", "76", "68")


def test_the_largest_network_is_within_the_budget_and_the_next_is_not():
    costs, budget = script.table("measured"), 1_500_000
    largest = int(cells("largest", "loops-O2")[2].split()[0])
    assert script.step_cycles(costs, largest) <= budget < script.step_cycles(costs, largest + 1)


def test_a_page_with_another_table_is_found(tmp_path, monkeypatch, capsys):
    path = tmp_path / "page.md"
    path.write_text("before\n<!-- table: parts -->\nold\n<!-- end -->\nafter\n")
    monkeypatch.setattr(script, "PAGE", path)
    assert script.main(["--check"]) == 1
    assert "has other tables; run with --write" in capsys.readouterr().err
    assert script.main(["--write"]) == 0
    assert script.main(["--check"]) == 0
    lines = path.read_text().splitlines()
    assert (lines[0], lines[-1]) == ("before", "after")
    assert lines[2:-2] == list(script.parts())
