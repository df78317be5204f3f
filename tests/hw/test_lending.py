"""Far arrays lie in the SRAM of idle PEs of the QPE: whose, how full, and what is refused."""

import pytest

from spinn2sim import load_scenario
from spinn2sim.errors import SramOverflowError
from spinn2sim.firmware import SramLayout
from spinn2sim.hw.lending import lend, refuse_too_much

KB = 1024


def chip(*overrides):
    return load_scenario(preset="paper-12pe", overrides=overrides).chip


def layout(**kilobytes):
    """Arrays of so many KB, all far but ``near``."""
    made = SramLayout(far=kilobytes.keys() - {"near"})
    for name, n in kilobytes.items():
        made.array(name, (n, 256))
    return made


def test_far_arrays_are_no_bytes_of_the_pe_itself():
    made = layout(near=3, m=5, v=7)
    assert made.n_bytes == 3 * KB
    assert [variable.name for variable in made.far] == ["m", "v"]
    assert len(list(made)) == 3


def test_the_largest_goes_first_to_the_idle_pe_with_most_room():
    found = lend({0: layout(a=10, b=30, c=20, d=15)}, 1, chip())
    assert found.holder == {(0, "b"): 1, (0, "c"): 2, (0, "d"): 3, (0, "a"): 3}
    assert found.held == {1: 30 * KB, 2: 20 * KB, 3: 25 * KB}


def test_a_pe_that_works_lends_nothing():
    found = lend({0: layout(a=10), 2: layout(b=20, c=30)}, 3, chip())
    assert set(found.holder.values()) == {3}
    assert found.held == {3: 60 * KB}


def test_an_array_does_not_leave_its_qpe():
    found = lend({4: layout(a=1)}, 5, chip())
    assert found.holder == {(4, "a"): 5}


def test_pes_kept_idle_lend_to_those_of_their_qpe_only():
    spread = chip("chip.pes_per_qpe=1", "chip.lenders_per_qpe=3")
    found = lend({0: layout(a=10), 1: layout(a=20, b=30)}, 4, spread)
    # Four QPEs of one working PE each; lenders are numbered after these.
    assert found.holder == {(0, "a"): 4, (1, "b"): 7, (1, "a"): 8}
    assert found.held == {4: 10 * KB, 5: 0, 6: 0, 7: 30 * KB, 8: 20 * KB, 9: 0}


def test_nobody_lends_in_a_full_qpe():
    with pytest.raises(SramOverflowError) as refused:
        lend({0: layout(a=10, b=2)}, 4, chip())
    assert str(refused.value) == (
        "PE 0: 12,288 B do not fit in 0 B of neighbour SRAM; keep arrays near, or let fewer PEs of "
        "a QPE work (chip.pes_per_qpe=1, chip.lenders_per_qpe=3)"
    )


def test_a_lender_has_all_of_its_data_sram_and_no_more():
    full = lend({0: layout(a=96, b=96, c=96)}, 1, chip())
    assert full.excess_bytes == 0
    refuse_too_much(full)
    over = lend({0: layout(a=97)}, 1, chip())
    assert over.excess_bytes == KB
    with pytest.raises(SramOverflowError, match="PE 1: 99,328 B do not fit in 98,304 B of lent"):
        refuse_too_much(over)
