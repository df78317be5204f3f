"""What the links of a router did, added up; a real run loses none of its flits on the way."""

import io

import pytest
from rich.console import Console

from spinn2sim.report.network_terminal import fullest_fifo, longest_queue, print_routers
from spinn2sim.report.routers import RouterLoad, router_name, routers
from spinn2sim.report.tables import tables
from spinn2sim.report.traffic import traffic
from spinn2sim.trace import Mishap
from tests.report.traces import PERIOD, Story

#: Nobody's; a's; b's; a's, b's on the other chip.
LINKS = ["inject PE 0", "a east", "b west", "a eject", "far"]


def story(*overrides):
    """A run of 1,000 cycles; router a at (1,2) has links 1 and 3."""
    story = Story(*overrides, n_pe=1).step(0, 0, PERIOD)
    story.rows("links", (0, 50, 9), (1, 10, 3), (2, 20, 4), (3, 30, 3), (4, 5, 0))
    story.rows("queue_peaks", (0, 1), (1, 700), (2, 5), (3, 600))
    story.rows("routers", (1, 0, 0, 1, 2), (2, 0, 0, 1, 1), (3, 0, 0, 1, 2), (4, 1, 0, 1, 1))
    return story


def found(*mishaps):
    return routers(story().rows("mishaps", *mishaps).trace(links=LINKS))


def test_flits_are_added_up_by_router_in_order_of_place():
    assert [(each.chip, each.position, each.n_links, each.n_flits) for each in found()] == [
        ((0, 0), (1, 1), 1, 20),
        ((0, 0), (1, 2), 2, 40),
        ((1, 0), (1, 1), 1, 5),
    ]


def test_the_longest_queue_of_a_router_is_that_of_a_link_dated_by_the_first():
    assert [(each.queue_peak, each.queue_peak_s) for each in found()] == [
        (4, pytest.approx(5e-6)),
        (3, pytest.approx(600e-6)),
        (0, None),
    ]


def test_the_utilisation_of_a_router_is_that_of_its_busiest_link():
    links = traffic(story().trace(links=LINKS)).links
    assert found()[1].utilisation == links[3].utilisation > links[1].utilisation


def test_mishaps_are_added_up_by_kind_and_dated_by_the_first():
    a = found(
        (Mishap.LOST, 1, 40, 2),
        (Mishap.LOST, 3, 30, 5),
        (Mishap.RESENT, 3, 70, 8),
        (Mishap.TIMED_OUT, 2, 90, 1),
    )
    assert [(each.n_lost, each.n_resent, each.n_timed_out) for each in a] == [
        (0, 0, 1),
        (7, 8, 0),
        (0, 0, 0),
    ]
    assert (a[1].first_lost_s, a[1].first_resent_s) == pytest.approx((30e-6, 70e-6))
    assert (a[0].first_lost_s, a[0].first_resent_s, a[1].first_timed_out_s) == (None,) * 3
    assert a[0].first_timed_out_s == pytest.approx(90e-6)


def test_a_run_of_an_older_version_has_no_routers():
    old = Story(n_pe=1).step(0, 0, PERIOD).rows("links", (0, 50, 9)).trace(links=LINKS)
    assert routers(old) == ()
    assert tables(old)["routers"].is_empty()
    assert tables(old)["routers"].columns == tables(story().trace(links=LINKS))["routers"].columns


def test_all_flits_of_a_real_run_but_those_out_of_pes_are_of_a_router(paper_trace):
    links = traffic(paper_trace).links
    n_flits = sum(link.n_flits for link in links if not link.name.startswith("inject"))
    assert sum(router.n_flits for router in routers(paper_trace)) == n_flits > 0
    # What comes to a router by its links and PEs goes on, or to a PE, at least once.
    by_name = {link.name: link.n_flits for link in links}
    into = {
        end: sum(n for name, n in by_name.items() if name.endswith(f"->{end}"))
        for end in ("(0,0)", "(1,0)", "(0,1)", "(1,1)")
    }
    for router in routers(paper_trace):
        assert router.n_flits >= into[router_name(router, on_board=False)]


def test_links_of_a_real_run_are_of_the_router_in_their_names(paper_trace):
    tables = paper_trace.tables["routers"]
    names = [paper_trace.meta["links"][link] for link in tables["link"].tolist()]
    places = zip(tables["x"].tolist(), tables["y"].tolist(), strict=True)
    hops = {(name, place) for name, place in zip(names, places, strict=True) if "->" in name}
    assert {(name, f"({x},{y})") for name, (x, y) in hops} == {
        (name, name.split("->")[0]) for name, _ in hops
    }
    assert hops


def test_a_router_on_a_board_is_named_with_its_chip():
    router = found()[2]
    assert router_name(router, on_board=True) == "chip (1,0) (1,1)"
    assert router_name(router, on_board=False) == "(1,1)"


def text_of(trace):
    console = Console(file=io.StringIO(), width=80, highlight=False)
    print_routers(console, trace)
    return [line.split() for line in console.file.getvalue().splitlines() if line]


def test_the_terminal_shows_those_that_forwarded_most_first():
    lines = text_of(story().rows("mishaps", (Mishap.LOST, 3, 30, 5)).trace(links=LINKS))
    assert lines[3:] == [
        ["(1,2)", "40", "3", "0.6", "5", "0", "0"],
        ["(1,1)", "20", "4", "0.005", "0", "0", "0"],
        ["(1,1)", "5", "0", "0", "0", "0"],
    ]


def test_of_many_routers_the_terminal_shows_five_and_says_so():
    crowd = story().rows("routers")
    crowd.recorder.rows["routers"] = [(link, 0, 0, link, 0) for link in range(5)]
    assert len(text_of(crowd.trace(links=LINKS))) == 3 + 5
    crowd.rows("links", (5, 1, 1)).rows("routers", (5, 0, 0, 5, 0))
    lines = text_of(crowd.trace(links=[*LINKS, "sixth"]))
    assert len(lines) == 3 + 5
    assert lines[0] == ["Routers", "that", "forwarded", "most,", "5", "of", "6", "in", "use"]


def test_a_run_without_packets_shows_neither_routers_nor_peaks():
    quiet = Story(n_pe=1).step(0, 0, PERIOD).rows("links", (0, 0, 0))
    trace = quiet.rows("routers", (0, 0, 0, 1, 1)).trace(links=["eject PE 0"])
    assert (text_of(trace), longest_queue(trace), fullest_fifo(trace)) == ([], "", "")


def test_the_deepest_are_named_and_dated():
    deep = story()
    deep.recorder.rows["pes"] = [(0, 9, 9, 0, 0, 5, -1, 0)]
    undated = deep.trace(links=LINKS)
    assert fullest_fifo(undated) == "fullest receive FIFO 5 events, PE 0"
    dated = deep.rows("fifo_peaks", (0, 350)).trace(links=LINKS)
    assert fullest_fifo(dated) == "fullest receive FIFO 5 events, PE 0, first at 0.35 ms"
    assert longest_queue(dated) == "longest queue 9 packets, inject PE 0, first at 0.001 ms"


def test_the_table_holds_what_the_report_says():
    trace = story().rows("mishaps", (Mishap.RESENT, 3, 70, 8)).trace(links=LINKS)
    row = tables(trace)["routers"].row(1, named=True)
    (_, router, _), place = routers(trace), {"chip_x": 0, "chip_y": 0, "x": 1, "y": 2}
    assert isinstance(router, RouterLoad)
    rest = router.as_dict()
    del rest["chip"], rest["position"]
    assert row == {**place, "queue_peak_flits": rest.pop("queue_peak"), **rest}
