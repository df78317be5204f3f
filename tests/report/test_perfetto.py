"""Chrome's JSON: every event has the form that viewers ask for, and cycles add up exactly."""

import json
from collections import Counter

import numpy as np
import pytest

from spinn2sim.report import perfetto
from spinn2sim.report.perfetto import DMA, HOST, NOC, PES, events, write_perfetto
from spinn2sim.report.profile import cycles_by_label
from spinn2sim.report.window import Window
from tests.report.traces import Story

#: Fields of each phase beside ``ph``, by the Trace Event Format: name and type, ``?`` if optional.
TIMED = {"name": str, "pid": int, "tid": int, "ts": float}
SCHEMA = {
    "M": {"name": str, "pid": int, "tid": int, "args": dict},
    "X": {**TIMED, "cat": str, "dur": float, "args": dict},
    "b": {**TIMED, "cat": str, "id": str, "args": dict},
    "e": {**TIMED, "cat": str, "id": str},
    "i": {**TIMED, "cat": str, "s": str, "args": dict},
    "C": {**TIMED, "args": dict},
    "s": {**TIMED, "cat": str, "id": int},
    "f": {**TIMED, "cat": str, "id": int, "bp": str},
}


def problems(content):
    """What is wrong with the JSON object of a file."""
    if set(content) != {"displayTimeUnit", "otherData", "traceEvents"}:
        yield f"keys {sorted(content)}"
    for event in content["traceEvents"]:
        fields = SCHEMA.get(event["ph"])
        given = {key: type(value) for key, value in event.items() if key != "ph"}
        if fields != given:
            yield f"{event['ph']}: {given}"
        if event.get("dur", 0) < 0 or event.get("ts", 0) < 0:
            yield f"time runs backwards: {event}"


def of(trace, phase, **fields):
    """Events of a phase in which *fields* are so."""
    return [
        event
        for event in events(trace)
        if event["ph"] == phase and all(event[key] == value for key, value in fields.items())
    ]


def busy_story():
    return (
        Story(n_pe=2, n_timesteps=1)
        .step(0, 0, 90, ("f", 40))
        .step(1, 0, 90, ("g", 20))
        .send(0, 0, 40, n_packets=3)
        .wait(0, 0, "sync", 40, 60)
        .wait(1, 0, "sync", 20, 60)
        .rows("refills", (0, 0, 0, 5, 25, 64), (1, 0, 0, 20, 30, 64))
        .rows("dma", (1, 0, 30, 50, 128))
        .rows("links", (0, 3, 1))
    )


@pytest.mark.parametrize("fixture", ["paper_trace", "small_trace"])
def test_a_file_of_a_real_run_passes_the_schema(fixture, request, tmp_path):
    write_perfetto(request.getfixturevalue(fixture), tmp_path / "trace.json")
    content = json.loads((tmp_path / "trace.json").read_text())
    assert list(problems(content)) == []
    begun, ended = (
        Counter((event["cat"], event["id"]) for event in content["traceEvents"] if event["ph"] == p)
        for p in "be"
    )
    assert begun == ended
    assert max(begun.values()) == 1


def test_slices_add_up_to_the_clock_profile_exactly(paper_trace):
    labels = paper_trace.meta["labels"]
    cycles = np.zeros((paper_trace.n_pe, len(labels)), np.int64)
    for event in of(paper_trace, "X", cat="work"):
        cycles[event["tid"], labels.index(event["name"])] += event["args"]["cycles"]
    assert (cycles == cycles_by_label(paper_trace)).all()


def test_slices_of_a_track_do_not_overlap_and_last_as_long_as_their_cycles(paper_trace):
    until = {}
    for event in of(paper_trace, "X", pid=PES):
        assert round(event["ts"] * 1000) >= until.get(event["tid"], 0)
        until[event["tid"]] = round((event["ts"] + event["dur"]) * 1000)
        if event["cat"] == "work":
            exact_ns = event["args"]["cycles"] * 1e9 / paper_trace.pe_clock.hz
            assert abs(event["dur"] * 1000 - exact_ns) < 1.001


def test_every_pe_has_a_named_track_and_every_group_a_name():
    names = of(Story(n_pe=3).trace(), "M")
    tracks = {event["args"]["name"] for event in names if event["name"] == "thread_name"}
    groups = {event["args"]["name"] for event in names if event["name"] == "process_name"}
    assert tracks == {"PE 0", "PE 1", "PE 2"}
    assert groups == {"PEs", "NoC", "host", "DMA"}


def test_transfers_of_host_and_dma_are_pairs_of_events():
    trace = busy_story().trace(links=["inject PE 0"])
    assert [(e["ts"], e["args"]["pe"], e["args"]["block"]) for e in of(trace, "b", pid=HOST)] == [
        (5.0, 0, 0),
        (20.0, 1, 0),
    ]
    assert [e["ts"] for e in of(trace, "e", pid=HOST)] == [25.0, 30.0]
    assert [(e["ts"], e["args"]["to"]) for e in of(trace, "b", pid=DMA)] == [(30.0, 0)]


def test_counters_step_where_something_begins_or_ends():
    trace = busy_story().trace(links=["inject PE 0"])
    levels = {
        name: [(e["ts"], e["args"]["n"]) for e in of(trace, "C", pid=group)]
        for group, name in ((PES, "work"), (HOST, "refills"), (NOC, "sent"), (DMA, "dma"))
    }
    assert levels == {
        "work": [(0.0, 2), (20.0, 1), (40.0, 0)],
        "refills": [(5.0, 1), (20.0, 2), (25.0, 1), (30.0, 0)],
        "sent": [(40.0, 3)],
        "dma": [(30.0, 1), (50.0, 0)],
    }


def test_an_arrow_leads_from_the_slice_that_sends_to_the_receipt():
    trace = busy_story().trace(links=["inject PE 0"])
    (start,), (end,) = of(trace, "s"), of(trace, "f")
    assert (start["tid"], start["ts"], start["id"]) == (0, 39.999, end["id"])
    assert (end["tid"], end["ts"], end["bp"]) == (1, 60.0, "e")
    assert [(e["ts"], e["args"]["n_packets"]) for e in of(trace, "i")] == [(40.0, 3)]


@pytest.mark.parametrize(("most", "left_out"), [(0, 1), (1, 0), (3, 0)])
def test_a_file_says_how_many_arrows_it_leaves_out(tmp_path, monkeypatch, most, left_out):
    monkeypatch.setattr(perfetto, "MAX_ARROWS", most)
    write_perfetto(busy_story().trace(links=["inject PE 0"]), tmp_path / "t.json")
    content = json.loads((tmp_path / "t.json").read_text())
    assert content["otherData"]["arrows_left_out"] == left_out
    arrows = [event for event in content["traceEvents"] if event["ph"] in "sf"]
    assert len(arrows) == 2 * (1 - left_out)


def test_a_window_leaves_out_what_does_not_reach_into_it():
    trace = busy_story().trace(links=["inject PE 0"])
    seen = [e for e in events(trace, Window(45, 55)) if e["ph"] != "M"]
    assert {(e["ph"], e["name"]) for e in seen} == {
        ("X", "wait: sync"),
        ("b", "dma PE 1"),
        ("e", "dma PE 1"),
        ("C", "transfers under way"),
    }
    counted = [(e["ts"], e["args"]["n"]) for e in seen if e["ph"] == "C"]
    assert counted == [(45.0, 1), (50.0, 0)]


def test_flits_of_links_are_totals_because_they_are_not_dated(tmp_path):
    write_perfetto(busy_story().trace(links=["inject PE 0"]), tmp_path / "t.json")
    head = json.loads((tmp_path / "t.json").read_text())["otherData"]
    assert head["link_flits"] == {"inject PE 0": 3}
    assert (head["scenario"], head["pe_clock_hz"]) == ("story", 1_000_000)
