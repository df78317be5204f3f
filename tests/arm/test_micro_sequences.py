"""Short sequences of machine code cost what the timing tables imply, in both modes."""

import pytest

from spinn2sim.arm import Machine, load_timing
from spinn2sim.arm.pipeline import Stall
from tests.arm.firmware import elf, sequences

for module in ("unicorn", "capstone", "elftools"):
    pytest.importorskip(module, reason="needs spinn2sim[elf]")

#: BX LR: a cycle, and the refill.
RETURN = tuple(1 + timing.register_branch_refill for timing in load_timing())


@pytest.fixture(scope="module", params=["edges", "instructions"])
def machine(request):
    return Machine(elf("micro"), mode=request.param)


def call(machine, name):
    return machine.call(name, machine.elf.symbols["scratch"].address)


def test_a_return_costs_a_branch_to_a_register(machine):
    assert call(machine, "returns").cycles == RETURN == (3, 3, 4)


@pytest.mark.parametrize(("name", "cycles"), sequences())
def test_a_sequence_costs_what_the_tables_imply(machine, name, cycles):
    found = call(machine, name).cycles
    assert tuple(a - b for a, b in zip(found, RETURN, strict=True)) == cycles


@pytest.mark.parametrize(
    ("name", "cause", "cycles"),
    [
        ("address_made", Stall.ADDRESS, (1, 1, 1)),
        ("fp_dependent", Stall.FP_RESULT, (1, 1, 1)),
        ("fp_divided_used", Stall.FP_BUSY, (0, 13, 13)),
        ("fp_divided_used", Stall.FP_RESULT, (14, 1, 1)),
        ("taken", Stall.REFILL, (1 + 2, 2 + 2, 3 + 3)),
        ("wide_odd_target", Stall.WIDE_TARGET, (0, 1, 1)),
        ("literal", Stall.LITERAL, (0, 0, 1)),
        ("odd_load_pair", Stall.ODD_WIDE, (0, 0, 1)),
    ],
)
def test_a_stall_is_told_by_its_cause(machine, name, cause, cycles):
    assert call(machine, name).stalls[cause] == cycles


def test_a_load_of_the_pc_refills_in_three():
    machine = Machine(elf("micro"))
    # The same function with its return by POP {PC}: PUSH 1 + 2, POP 1 + 2 + 3.
    assert call(machine, "returns_by_pop").cycles == (9, 9, 9)


def test_instructions_are_counted_by_class(machine):
    found = call(machine, "mac_chain")
    assert found.mix == {"FP multiply-accumulate": 3, "branch to register": 1}
    assert found.n_instructions == 4


def test_a_skipped_instruction_and_its_it_are_counted(machine):
    assert call(machine, "it_skips").n_instructions == 4
    assert call(machine, "it_skips").mix["load"] == 1
