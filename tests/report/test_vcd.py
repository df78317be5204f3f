"""VCD: read back by a parser of our own, every signal has the edges of the trace."""

import builtins
import re

import pytest

from spinn2sim.errors import MissingExtraError
from spinn2sim.report.vcd import PICOSECONDS, write_vcd
from spinn2sim.report.window import Window
from tests.report.traces import PERIOD, Story

#: A tick of a story is a microsecond.
US = 1_000_000


def parse(text):
    """Edges by dotted name of the signal: (time, value). Knows the VCD of IEEE 1364, 18.2."""
    head, body = re.split(r"\$enddefinitions\s+\$end", text)
    scopes, names, edges, now = [], {}, {}, 0
    for word, rest in re.findall(r"\$(\w+)\s+(.*?)\s*\$end", head, re.DOTALL):
        match word:
            case "scope":
                scopes.append(rest.split()[1])
            case "upscope":
                scopes.pop()
            case "var":
                _, _, code, name = rest.split()[:4]
                names[code] = ".".join([*scopes, name])
            case "timescale":
                assert rest == "1 ps"
    for line in body.split("\n"):
        if line.startswith("#"):
            assert int(line[1:]) >= now
            now = int(line[1:])
        elif line and not line.startswith("$"):
            value, code = line.split() if line[0] in "bs" else (line[0], line[1:])
            read = value[1:] if value[0] == "s" else int(value.removeprefix("b"), 2)
            edges.setdefault(names[code], []).append((now, read))
    return edges


def edges_of(trace, path, *window):
    write_vcd(trace, path / "t.vcd", *window)
    return parse((path / "t.vcd").read_text())


def story():
    return Story(n_pe=1, n_timesteps=2)


def test_busy_waiting_and_activity_follow_the_core(tmp_path):
    trace = (
        story()
        .step(0, 0, 50, ("f.x", 10), ("f.y", 5), ("g", 5))
        .wait(0, 0, "sync", 20, 30)
        .wait(0, 0, "timer", 50, PERIOD)
        .trace()
    )
    found = edges_of(trace, tmp_path)
    assert found["chip.pe_000.busy"] == [(0, 1), (20 * US, 0)]
    assert found["chip.pe_000.waiting"] == [(0, 0), (20 * US, 1), (30 * US, 0)]
    assert found["chip.pe_000.activity"] == [
        (0, "f"),
        (15 * US, "g"),
        (20 * US, "wait_sync"),
        (30 * US, "asleep"),
    ]


def test_transfers_that_overlap_or_touch_are_one_pulse(tmp_path):
    trace = (
        story()
        .rows("refills", (0, 0, 0, 10, 20, 64), (0, 1, 0, 15, 30, 64), (0, 2, 0, 30, 40, 64))
        .rows("dma", (0, 1, 50, 60, 64), (0, 1, 70, 80, 64))
        .trace()
    )
    found = edges_of(trace, tmp_path)
    assert found["chip.pe_000.refill"] == [(0, 0), (10 * US, 1), (40 * US, 0)]
    assert found["chip.pe_000.dma"] == [
        (0, 0),
        (50 * US, 1),
        (60 * US, 0),
        (70 * US, 1),
        (80 * US, 0),
    ]


def test_overrun_is_up_from_the_deadline_to_the_end_of_the_step(tmp_path):
    trace = story().step(0, 0, PERIOD + 100).step(0, 1, PERIOD).trace()
    found = edges_of(trace, tmp_path)
    assert found["chip.pe_000.overrun"] == [(0, 0), (1_000 * US, 1), (1_100 * US, 0)]
    assert found["chip.pe_000.timestep"] == [(0, 0), (1_000 * US, 1)]


def test_a_window_begins_with_the_values_that_hold_and_ends_before_its_end(tmp_path):
    trace = story().step(0, 0, 50, ("f", 40)).step(0, 1, 50, ("g", 40)).trace()
    found = edges_of(trace, tmp_path, Window(20, PERIOD + 40))
    assert found["chip.pe_000.busy"] == [(0, 0), (20 * US, 1), (40 * US, 0), (1_000 * US, 1)]


def expected_busy(trace, pe):
    """Edges of work from the rows of the trace, without the code under test."""
    work, segments = trace.tables["work"], trace.tables["segments"]
    cycles = {}
    for segment, n in zip(segments["segment"].tolist(), segments["cycles"].tolist(), strict=True):
        cycles[segment] = cycles.get(segment, 0) + n
    level = {}
    for owner, start, segment in zip(
        *(work[column].tolist() for column in ("pe", "start", "segment")), strict=True
    ):
        if owner == pe and cycles[segment]:
            stop = start + cycles[segment] * trace.pe_clock.ticks_per_cycle
            level[start] = level.get(start, 0) + 1
            level[stop] = level.get(stop, 0) - 1
    found, now = [(0, 0)], 0
    for tick in sorted(level):
        if level[tick]:
            now += level[tick]
            found.append((tick * PICOSECONDS // trace.timebase.hz, now))
    return found


@pytest.mark.parametrize("fixture", ["paper_trace", "small_trace"])
def test_a_real_run_is_read_back_with_the_same_edges(fixture, request, tmp_path):
    trace = request.getfixturevalue(fixture)
    found = edges_of(trace, tmp_path)
    for pe in range(trace.n_pe):
        assert found[f"chip.pe_{pe:03}.busy"] == expected_busy(trace, pe)
        steps = trace.tables["steps"]
        mine = steps["pe"] == pe
        released = [t * PICOSECONDS // trace.timebase.hz for t in steps["released"][mine].tolist()]
        edges = found[f"chip.pe_{pe:03}.timestep"]
        assert edges == [(0, 0), *zip(released[1:], steps["timestep"][mine][1:], strict=True)]


def test_a_name_cannot_end_the_head_of_the_file(tmp_path):
    trace = Story("name='x $end $enddefinitions $end'", n_pe=1).step(0, 0, 5, ("f", 5)).trace()
    assert edges_of(trace, tmp_path)["chip.pe_000.busy"] == [(0, 1), (5 * US, 0)]


def test_without_pyvcd_the_message_names_the_extra(tmp_path, monkeypatch):
    real = builtins.__import__

    def without(name, *rest, **more):
        if name == "vcd":
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingExtraError) as caught:
        write_vcd(story().trace(), tmp_path / "t.vcd")
    assert str(caught.value) == "a VCD file needs pyvcd: pip install 'spinn2sim[report]'"
