"""Packets in reports and files: percentiles by hand, and what is written is read again."""

import numpy as np
import polars as pl
import pytest

from spinn2sim.errors import SpecError, TraceFileError
from spinn2sim.report.noxim import write_noxim
from spinn2sim.report.packets import latencies, packet_frame, read_packets, write_packets
from spinn2sim.report.tables import tables
from spinn2sim.report.window import Window
from tests.report.traces import Story

RX, DMA = 0, 3


def story(*rows, overrides=(), **options):
    """One step each for 12 PEs, and rows of (packet, source, target, kind, tag, sent, arrived)."""
    found = Story(*overrides, n_pe=12, **options)
    for pe in range(12):
        found.step(pe, 0, 10)
    return found.rows("packets", *rows)


def some():
    return story(
        (0, 0, 4, RX, 7, 10, 24),
        (0, 0, 8, RX, 7, 10, -1),
        (1, 4, 0, DMA, 0, 11, 40),
        *((2 + k, 0, 5, RX, 9, 20, 21 + k) for k in range(100)),
    )


def test_percentiles_are_those_of_real_packets_and_leave_out_what_never_came():
    whole, to_0, to_4, to_5 = latencies(some().trace())
    assert (whole.pe, whole.n, whole.max_ns) == (None, 102, 100_000)
    assert (to_0.pe, to_0.n, to_0.p50_ns, to_0.p99_ns, to_0.max_ns) == (0, 1, *[29_000] * 3)
    assert (to_4.pe, to_4.p50_ns) == (4, 14_000)
    assert (to_5.pe, to_5.p50_ns, to_5.p99_ns, to_5.max_ns) == (5, 50_000, 99_000, 100_000)


def test_without_a_record_there_are_no_percentiles_no_table_and_no_file(paper_trace, tmp_path):
    assert latencies(paper_trace) == ()
    found = tables(paper_trace)
    assert "packets" not in found
    assert not [name for name in found["pes"].columns if name.startswith("packet_latency")]
    for write, name in ((write_packets, "a.csv"), (write_noxim, "a.txt")):
        with pytest.raises(SpecError, match="has not recorded its packets; run it again with"):
            write(paper_trace, tmp_path / name)


def test_the_table_of_pes_has_the_percentiles_as_columns():
    pes = tables(some().trace())["pes"]
    assert pes["packet_latency_p99_ns"].to_list()[:6] == [29_000, None, None, None, 14_000, 99_000]


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_what_is_written_is_read_again(suffix, tmp_path):
    trace, path = some().trace(), tmp_path / f"packets{suffix}"
    write_packets(trace, path)
    found = read_packets(path)
    assert list(found) == list(trace.tables["packets"])
    for name, column in trace.tables["packets"].items():
        assert np.array_equal(found[name], column), name


def test_kinds_are_words_and_what_never_came_is_null(tmp_path):
    frame = packet_frame(some().trace(), Window(0, 12))
    assert frame["kind"].to_list() == ["multicast", "multicast", "dma"]
    assert frame["arrived"].to_list() == [24, None, 40]
    write_packets(some().trace(), tmp_path / "a.csv", Window(0, 11))
    assert (tmp_path / "a.csv").read_text() == (
        "packet,source,target,kind,tag,sent,arrived\n"
        "0,0,4,multicast,7,10,24\n"
        "0,0,8,multicast,7,10,\n"
    )


def test_a_file_of_another_suffix_or_content_is_refused(tmp_path):
    with pytest.raises(SpecError, match=r"packets go to \.parquet or \.csv"):
        write_packets(some().trace(), tmp_path / "packets.txt")
    for name, text in (("a.parquet", "no"), ("b.csv", "packet,source\n1,2\n")):
        (tmp_path / name).write_text(text)
        with pytest.raises(TraceFileError, match="damaged, or no trace of packets"):
            read_packets(tmp_path / name)
    pl.DataFrame(
        {name: [1] for name in ("packet", "source", "target", "tag", "sent", "arrived")}
    ).with_columns(kind=pl.lit("letter")).write_parquet(tmp_path / "c.parquet")
    with pytest.raises(TraceFileError, match="damaged, or no trace of packets"):
        read_packets(tmp_path / "c.parquet")


def read_noxim(path):
    """(cycle, source, destination), as Noxim's own reader takes the lines."""
    cycle, found = 0, []
    for line in path.read_text().splitlines():
        if line.startswith(("%", "#")):
            continue
        if line == "-1":
            cycle += 1
        else:
            found.append((cycle, *map(int, line.split())))
    return found


def test_noxim_gets_each_packet_from_qpe_to_qpe_in_its_cycle(tmp_path):
    """QPEs of the prototype: (0,0), (1,0), (0,1) and (1,1), so nodes 0 to 3; PE 5 is in node 1."""
    trace = story(
        (0, 0, 4, RX, 7, 10, 24),
        (0, 0, 8, RX, 7, 10, 24),
        (0, 0, 1, RX, 7, 10, 20),
        (1, 5, 0, DMA, 0, 13, 40),
        (2, 9, 4, RX, 0, 13, 40),
    ).trace()
    write_noxim(trace, tmp_path / "traffic.txt")
    assert read_noxim(tmp_path / "traffic.txt") == [(0, 0, 1), (0, 0, 2), (3, 1, 0), (3, 2, 1)]
    write_noxim(trace, tmp_path / "late.txt", Window(11, 99))
    assert read_noxim(tmp_path / "late.txt") == [(0, 1, 0), (0, 2, 1)]


def test_noxim_numbers_the_nodes_of_a_mesh_row_by_row_from_its_lowest_corner(tmp_path):
    """QPE 0 is at the right end of the lower row, QPE 1 in the middle of the top row of three."""
    mesh = "chip.qpes=[[4,5],[3,7],[2,6]]"
    rows = (0, 0, 4, RX, 7, 5_010, 5_024), (1, 8, 0, RX, 7, 5_012, 5_024)
    trace = story(*rows, overrides=[mesh]).trace()
    write_noxim(trace, tmp_path / "traffic.txt")
    assert (tmp_path / "traffic.txt").read_text().splitlines() == [
        "% mesh_dim_x: 3, mesh_dim_y: 3, traffic_distribution: TRAFFIC_HARDCODED",
        "2 7",
        "-1",
        "-1",
        "3 2",
        "-1",
    ]


def test_noxim_gets_no_hours_of_silence(tmp_path):
    trace = story((0, 0, 4, RX, 7, 10, 24), (1, 0, 4, RX, 7, 10**7 + 10, 10**7 + 24)).trace()
    with pytest.raises(SpecError, match="10,000,000 cycles, at most 10,000,000 are written"):
        write_noxim(trace, tmp_path / "traffic.txt")
