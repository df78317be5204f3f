"""The pipeline under a timing in which no two knobs are alike: each class costs its own knob.

Arm's own numbers coincide (a divide and a square root both take 14), so firmware cannot tell them
apart.
"""

import pytest

from spinn2sim.arm.instruction import Instruction, Kind
from spinn2sim.arm.pipeline import Pipeline, Stall
from spinn2sim.arm.timing import Timing

KNOBS = list(Timing.model_fields)
#: Far apart, so that no sum of a few is another: 10, 20, 30, ...
CYCLES = {name: 10 * (at + 1) for at, name in enumerate(KNOBS)} | {"fp_divide_holds_fpu": 1}

KNOB_OF = {
    Kind.DATA: "data_processing",
    Kind.MULTIPLY: "multiply",
    Kind.MULTIPLY_ACCUMULATE: "multiply_accumulate",
    Kind.DIVIDE: "divide",
    Kind.LOAD: "load",
    Kind.STORE: "store",
    Kind.BRANCH: "branch",
    Kind.BRANCH_REGISTER: "branch",
    Kind.TABLE_BRANCH: "table_branch",
    Kind.IT: "it_after_narrow",
    Kind.NOP: "nop",
    Kind.SLEEP: "nop",
    Kind.TRAP: "nop",
    Kind.STATUS: "status",
    Kind.BARRIER: "barrier",
    Kind.FP_ARITHMETIC: "fp_arithmetic",
    Kind.FP_COMPARE: "fp_compare",
    Kind.FP_MOVE: "fp_move",
    Kind.FP_TRANSFER: "fp_transfer",
    Kind.FP_STATUS: "fp_status",
    Kind.FP_MULTIPLY_ACCUMULATE: "fp_multiply_accumulate_issue",
    Kind.FP_DIVIDE: "fp_divide_issue",
    Kind.FP_SQUARE_ROOT: "fp_divide_issue",
    Kind.FP_LOAD: "load",
    Kind.FP_STORE: "store",
}

#: What waits for the FPU, makes nothing and takes its own knob.
PROBE = {"kind": Kind.FP_STATUS, "fp_operands": frozenset({"s0"})}


def instruction(kind, **fields):
    return Instruction(
        address=fields.pop("address", 0), size=fields.pop("size", 2), text="", kind=kind, **fields
    )


def cost(*instructions, **knobs):
    """What the last of *instructions* costs behind the others."""
    pipeline = Pipeline(Timing(**(CYCLES | knobs)))
    for each in instructions:
        pipeline.take()
        pipeline.issue(each)
    return pipeline.take()


@pytest.mark.parametrize("kind", list(KNOB_OF))
def test_a_class_costs_its_knob(kind):
    assert cost(instruction(kind)).cycles == CYCLES[KNOB_OF[kind]]


@pytest.mark.parametrize(
    "kind",
    [Kind.LOAD_MULTIPLE, Kind.STORE_MULTIPLE, Kind.FP_LOAD_MULTIPLE, Kind.FP_STORE_MULTIPLE],
)
def test_several_words_cost_a_first_part_and_each_word(kind):
    expected = CYCLES["multiple_first"] + 3 * CYCLES["multiple_word"]
    assert cost(instruction(kind, n_words=3)).cycles == expected


def test_every_class_is_tested():
    assert set(Kind) - set(KNOB_OF) == {
        Kind.LOAD_MULTIPLE,
        Kind.STORE_MULTIPLE,
        Kind.FP_LOAD_MULTIPLE,
        Kind.FP_STORE_MULTIPLE,
    }


def test_two_floats_transferred_at_once_have_a_knob_of_their_own():
    two = instruction(Kind.FP_TRANSFER, n_words=2)
    assert cost(two).cycles == CYCLES["fp_transfer_double"]


@pytest.mark.parametrize(("size", "knob"), [(2, "it_after_narrow"), (4, "it_after_wide")])
def test_an_it_costs_by_the_width_of_what_it_follows(size, knob):
    found = cost(instruction(Kind.DATA, size=size), instruction(Kind.IT))
    assert found.cycles == CYCLES[knob]


@pytest.mark.parametrize(
    ("before", "after", "knob"),
    [
        (Kind.LOAD, Kind.LOAD, "load_after_load"),
        (Kind.FP_LOAD, Kind.LOAD, "load_after_load"),
        (Kind.LOAD, Kind.STORE, "store_after_load"),
        (Kind.STORE, Kind.LOAD, "load_after_store"),
        (Kind.STORE, Kind.STORE, "store"),
        (Kind.DATA, Kind.LOAD, "load"),
    ],
)
def test_an_access_costs_by_what_it_follows(before, after, knob):
    assert cost(instruction(before), instruction(after)).cycles == CYCLES[knob]


def test_a_load_whose_address_was_just_loaded_does_not_overlap():
    pointer = instruction(Kind.LOAD, results=frozenset({"r1"}))
    found = cost(pointer, instruction(Kind.LOAD, address_registers=frozenset({"r1"})))
    assert found.cycles == CYCLES["load"]


def test_a_store_with_an_offset_from_a_register_has_its_knob_and_nothing_overlaps_behind_it():
    store = instruction(Kind.STORE, has_register_offset=True)
    assert cost(store).cycles == CYCLES["store_register_offset"]
    assert cost(store, instruction(Kind.LOAD)).cycles == CYCLES["load"]


def test_an_address_that_was_just_made_is_waited_for():
    address = instruction(Kind.DATA, results=frozenset({"r1"}))
    found = cost(address, instruction(Kind.LOAD, address_registers=frozenset({"r1"})))
    assert found.stalls == {Stall.ADDRESS: CYCLES["address_wait"]}
    assert found.cycles == CYCLES["load"] + CYCLES["address_wait"]


@pytest.mark.parametrize(
    ("address", "size", "stalls"), [(2, 4, True), (0, 4, False), (2, 2, False)]
)
def test_only_a_wide_access_at_an_odd_halfword_behind_a_load_comes_into_the_way(
    address, size, stalls
):
    wide = instruction(Kind.LOAD, address=address, size=size)
    expected = {Stall.ODD_WIDE: CYCLES["odd_wide_access"]} if stalls else {}
    assert cost(instruction(Kind.LOAD), wide).stalls == expected
    assert cost(wide).stalls == {}


@pytest.mark.parametrize(
    ("kind", "knob"),
    [
        (Kind.FP_ARITHMETIC, "fp_result_wait"),
        (Kind.FP_COMPARE, "fp_compare_wait"),
        (Kind.FP_MOVE, "fp_move_wait"),
    ],
)
def test_a_user_that_comes_at_once_waits_as_long_as_the_class_says(kind, knob):
    made = instruction(kind, results=frozenset({"s0"}))
    assert cost(made, instruction(**PROBE)).stalls == {Stall.FP_RESULT: CYCLES[knob]}


def test_an_addend_is_waited_for_by_its_own_knob():
    made = instruction(Kind.FP_ARITHMETIC, results=frozenset({"s0"}))
    user = instruction(Kind.FP_MULTIPLY_ACCUMULATE, fp_operands=frozenset({"s0"}), addend="s0")
    assert cost(made, user).stalls == {Stall.FP_RESULT: CYCLES["fp_addend_wait"]}


@pytest.mark.parametrize(
    ("kind", "knob", "issue"),
    [
        (Kind.FP_DIVIDE, "fp_divide", "fp_divide_issue"),
        (Kind.FP_SQUARE_ROOT, "fp_square_root", "fp_divide_issue"),
        (Kind.FP_MULTIPLY_ACCUMULATE, "fp_multiply_accumulate", "fp_multiply_accumulate_issue"),
    ],
)
@pytest.mark.parametrize("before", [(), (Kind.DATA,)])
def test_the_fpu_is_busy_from_its_start_until_a_long_operation_ends(kind, knob, issue, before):
    operations = [*before, kind, Kind.FP_STATUS]
    found = cost(*map(instruction, operations), **{issue: 5})
    assert found.stalls == {Stall.FP_BUSY: CYCLES[knob] - 5}


def test_a_divide_that_does_not_hold_the_fpu_is_waited_for_by_users_alone():
    divide = instruction(Kind.FP_DIVIDE, results=frozenset({"s0"}))
    knobs = {"fp_divide_holds_fpu": 0, "fp_divide_issue": 5}
    assert cost(divide, instruction(Kind.FP_STATUS), **knobs).stalls == {}
    wait = CYCLES["fp_divide"] - 5 + CYCLES["fp_result_wait"]
    assert cost(divide, instruction(**PROBE), **knobs).stalls == {Stall.FP_RESULT: wait}


@pytest.mark.parametrize(
    ("kind", "knob"),
    [
        (Kind.BRANCH, "branch_refill"),
        (Kind.BRANCH_REGISTER, "register_branch_refill"),
        (Kind.TABLE_BRANCH, "load_branch_refill"),
        (Kind.LOAD, "load_branch_refill"),
        (Kind.LOAD_MULTIPLE, "load_branch_refill"),
    ],
)
def test_a_taken_branch_refills_by_its_class(kind, knob):
    pipeline = Pipeline(Timing(**CYCLES))
    pipeline.issue(instruction(kind))
    pipeline.take()
    pipeline.branch(instruction(kind), instruction(Kind.DATA, address=4))
    assert pipeline.take().stalls == {Stall.REFILL: CYCLES[knob]}


def test_a_wide_target_at_an_odd_halfword_is_added_and_nothing_overlaps_behind_a_branch():
    pipeline = Pipeline(Timing(**CYCLES))
    load = instruction(Kind.LOAD)
    pipeline.issue(load)
    pipeline.branch(load, instruction(Kind.LOAD, address=6, size=4))
    assert pipeline.take().stalls[Stall.WIDE_TARGET] == CYCLES["wide_target"]
    pipeline.issue(load)
    assert pipeline.take().cycles == CYCLES["load"]


def test_what_is_skipped_takes_the_time_of_data_processing():
    pipeline = Pipeline(Timing(**CYCLES))
    pipeline.issue(instruction(Kind.LOAD))
    pipeline.take()
    pipeline.skip()
    assert pipeline.take().cycles == CYCLES["data_processing"]
    pipeline.issue(instruction(Kind.LOAD))
    assert pipeline.take().cycles == CYCLES["load"]
