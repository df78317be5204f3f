"""What the terminal shows of sweeps and limits."""

import re
from io import StringIO

from rich.console import Console

from spinn2sim.report.explore_terminal import (
    MAX_PES,
    print_errors,
    print_limits,
    print_rows,
    sweep_bar,
)


def printed(show, *arguments, width=80):
    output = StringIO()
    show(Console(width=width, file=output), *arguments)
    return output.getvalue().splitlines()


def limit(n_pe, memory="local"):
    return {
        "memory": memory,
        "chip.pe.clock": 65_000_000,
        "n_pe": n_pe,
        "n_rec_limit": 24,
        "limited_by": "memory",
        "n_rec_time": 29,
        "n_rec_time_without_update": 1053,
        "n_rec_memory": None,
        "n_rec_confirmed": True,
        "status": "done",
        "error": "",
    }


def test_a_row_of_limits_fits_a_narrow_terminal():
    head, row, *_ = printed(print_limits, [limit(152, "neighbour")], "runs/x")
    columns = ["SRAM", "MHz", "PEs", "N_rec", "bound by", "time", "no update", "memory", "tried"]
    assert re.split("  +", head.strip()) == columns
    assert row.split() == ["neighbour", "65", "152", "24", "memory", "29", "1,053", "-", "yes"]


def test_of_many_numbers_of_pes_some_are_shown_the_first_and_the_last_too():
    rows = [limit(n_pe) for n_pe in range(1, 153)]
    lines = printed(print_limits, rows, "runs/x")
    shown = [int(line.split()[2]) for line in lines if line.strip().startswith("local")]
    assert (shown[0], shown[-1], len(shown)) == (1, 152, MAX_PES)
    assert f"{MAX_PES} of 152 numbers of PEs" in lines


def test_the_paper_s_own_limit_stands_beside_single_pes_only():
    assert any("76" in line for line in printed(print_limits, [limit(1)], "runs/x"))
    assert not any("76" in line for line in printed(print_limits, [limit(2)], "runs/x"))


def test_the_neighbours_cycles_are_called_a_guess():
    assert any("guess" in line for line in printed(print_limits, [limit(2, "neighbour")], "x"))


def test_equal_errors_are_one_line_and_others_are_counted():
    errors = ["a"] * 3 + ["b"] + ["c"] + ["[d]"] + ["e"]
    assert printed(print_errors, errors) == [
        "failed, 3x: a",
        "failed, 1x: b",
        "failed, 1x: c",
        "and 2 other errors, in the table",
    ]


def test_values_are_shown_as_people_read_them():
    row = {"a": None, "b": True, "c": 12345, "d": 0.123456, "e": "text"}
    names = {name: name for name in row}
    assert printed(print_rows, [row], names)[1].split() == ["-", "yes", "12,345", "0.1235", "text"]


def test_a_bar_says_what_is_done_failed_and_how_fast(monkeypatch):
    output = StringIO()
    monkeypatch.setattr(
        "spinn2sim.report.explore_terminal.Console",
        lambda **_: Console(file=output, force_terminal=True, width=100, legacy_windows=False),
    )
    with sweep_bar() as bar:
        bar.show(5, 20, 2, 3.5)
        bar._bars.refresh()
    assert "5/20" in output.getvalue()
    assert "2 failed, 3.5 points/s" in output.getvalue()
