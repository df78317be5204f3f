"""The memory report: sums over PEs and variables."""

from spinn2sim.report import memory
from tests.report.traces import Story

LAYOUTS = [
    [["x", "float32", [4, 3], 48, False], ["w", "float32", [2, 3], 24, True]],
    [["w", "float32", [5, 3], 60, True], ["z", "bool", [7], 7, False]],
    [["x", "float32", [1], 4, False]],
]


def used():
    sizes = ("chip.pe.sram.data_bytes=40KB", "chip.pe.sram.reserved_bytes=10KB")
    return memory(Story(*sizes, n_pe=3).trace(layouts=LAYOUTS))


def test_bytes_are_added_up_per_pe_and_over_all():
    assert used().bytes_by_pe == {0: 72, 1: 67, 2: 4}
    assert used().total == 143
    assert (used().fullest_pe, used().largest) == (0, 72)


def test_the_capacity_is_what_is_not_reserved():
    assert (used().capacity, used().reserved) == (30 * 1024, 10 * 1024)


def test_weights_are_the_elements_of_the_arrays_that_hold_them():
    assert used().n_weights == 2 * 3 + 5 * 3


def test_a_row_tells_variable_type_shape_and_elements():
    row = used().rows[0]
    assert (row.pe, row.name, row.dtype, row.shape, row.n_bytes) == (0, "x", "float32", (4, 3), 48)
    assert row.n_elements == 12


def test_a_firmware_without_arrays_uses_nothing():
    found = memory(Story(n_pe=1).trace())
    assert (found.total, found.largest, found.fullest_pe) == (0, 0, 0)


def test_the_papers_network_adds_up_to_what_the_reconstruction_says(paper_trace):
    """facts/paper.md section 4, A: 6 N_in N_rec + 7 N_rec^2 + 4 O + 800 P words, plus vectors."""
    words = 6 * 80 * 120 + 7 * 120**2 + 4 * 120 * 12 + 800 * 12
    vectors = 12 * (80 + 10 * 7 + 60 + 24 + 12) + 11 * 24
    assert memory(paper_trace).total == 4 * (words + vectors)
