"""The knobs: each has a source and a band; a user's file changes some of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinn2sim.arm import interrupt_cycles, load_timing
from spinn2sim.arm.instruction import Instruction, Kind
from spinn2sim.arm.pipeline import Pipeline
from spinn2sim.arm.timing import Timing
from spinn2sim.errors import MissingFileError, SpecError

BAND = load_timing()


@pytest.mark.parametrize("knob", list(Timing.model_fields))
def test_a_knob_has_a_source_a_meaning_and_a_band_in_order(knob):
    low, mid, high = (getattr(timing, knob) for timing in BAND)
    assert low <= mid <= high
    assert BAND.sources[knob]
    assert Timing.model_fields[knob].description


@pytest.mark.parametrize(
    ("knob", "band"),
    [
        ("load", (2, 2, 2)),
        ("load_after_load", (1, 1, 1)),
        ("store_after_load", (0, 1, 1)),
        ("address_wait", (1, 1, 1)),
        ("branch_refill", (1, 2, 3)),
        ("register_branch_refill", (2, 2, 3)),
        ("load_branch_refill", (3, 3, 3)),
        ("divide", (2, 7, 12)),
        ("fp_multiply_accumulate", (3, 3, 3)),
        ("fp_divide", (14, 14, 14)),
        ("fp_square_root", (14, 14, 14)),
        ("remote_read", (2, 4, 8)),
        ("remote_write", (1, 1, 4)),
    ],
)
def test_a_published_timing_is_the_published_one(knob, band):
    assert tuple(getattr(timing, knob) for timing in BAND) == band


def register(numbers):
    return st.sampled_from([f"{'s' if numbers == 'fp' else 'r'}{i}" for i in range(3)])


@st.composite
def instructions(draw):
    kind = draw(st.sampled_from([each for each in Kind if each is not Kind.TRAP]))
    is_fp = kind.name.startswith("FP_")
    operands = draw(st.frozensets(register("fp"), max_size=2)) if is_fp else frozenset()
    is_mac = kind is Kind.FP_MULTIPLY_ACCUMULATE
    return Instruction(
        address=2 * draw(st.integers(0, 1)),
        size=draw(st.sampled_from([2, 4])),
        text="",
        kind=kind,
        results=draw(st.frozensets(register("fp" if is_fp else "core"), max_size=1)),
        fp_operands=operands,
        addend=min(operands) if is_mac and operands else None,
        address_registers=draw(st.frozensets(register("core"), max_size=2)),
        has_register_offset=draw(st.booleans()),
        is_literal=draw(st.booleans()),
        n_words=draw(st.integers(1, 4)),
    )


@given(st.lists(instructions(), max_size=12))
def test_low_mid_and_high_are_in_order_on_any_code(code):
    totals = []
    for timing in BAND:
        pipeline = Pipeline(timing)
        for instruction in code:
            pipeline.issue(instruction)
        totals.append(pipeline.take().cycles)
    assert totals == sorted(totals)


@given(st.lists(instructions(), max_size=12))
def test_stalls_are_part_of_the_cycles(code):
    pipeline = Pipeline(BAND.mid)
    for instruction in code:
        pipeline.issue(instruction)
    cost = pipeline.take()
    assert all(cycles > 0 for cycles in cost.stalls.values())
    assert sum(cost.stalls.values()) <= cost.cycles


def test_a_file_changes_the_knobs_that_it_names(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("branch_refill: {low: 1, mid: 1, high: 1, source: measured on my board}\n")
    band = load_timing(path)
    assert band.name == "mine"
    assert [timing.branch_refill for timing in band] == [1, 1, 1]
    assert band.sources["branch_refill"] == "measured on my board"
    assert band.mid.load == BAND.mid.load


def test_a_knob_known_exactly_has_no_band():
    band = BAND.with_changes(branch_refill=1, divide=5)
    assert [(each.branch_refill, each.divide) for each in band] == [(1, 5)] * 3
    assert band.name == "cortex-m4f, branch_refill=1, divide=5"
    assert band.sources["divide"] == "user"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("lod: {low: 1, mid: 1, high: 1, source: x}", "unknown knob 'lod'; did you mean 'load'?"),
        ("load: {low: 3, mid: 2, high: 2, source: x}", "low 3, mid 2 and high 2 are not in order"),
        ("load: {low: 1, mid: 2, high: 2}", "key 'source' is missing"),
        ("load: {low: 1, mid: 2, high: 2000, source: x}", "accepted range is 0 to 1,000 cycles"),
        ("load: 3", "expected a mapping of keys to values, got a number"),
        ("- load", "expected knobs, as load: {low: 1, mid: 2, high: 2, ...}"),
    ],
)
def test_a_wrong_file_is_refused(tmp_path, text, message):
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises(SpecError) as refused:
        load_timing(path)
    assert str(refused.value).startswith(str(path))
    assert str(refused.value).endswith(message)


def test_a_file_that_is_not_text_is_refused(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SpecError, match="not text"):
        load_timing(path)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(MissingFileError, match=r"timing not found: .*none\.yaml"):
        load_timing(tmp_path / "none.yaml")


@pytest.mark.parametrize(
    ("fp_active", "handler_uses_fp", "lazy", "cycles"),
    [
        (False, False, True, (12, 0, 10)),
        (True, False, True, (12, 0, 10)),
        (True, True, True, (12, 17, 27)),
        (False, True, True, (12, 0, 10)),
        (True, False, False, (29, 0, 27)),
        (True, True, False, (29, 0, 27)),
    ],
)
def test_an_interrupt_stacks_floats_only_where_it_has_to(fp_active, handler_uses_fp, lazy, cycles):
    for timing in BAND:
        found = interrupt_cycles(
            timing, fp_active=fp_active, handler_uses_fp=handler_uses_fp, lazy=lazy
        )
        assert found == cycles
