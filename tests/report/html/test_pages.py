"""Pages as text: what they hold, that nothing in them is anyone else's code, and their parts."""

import base64
import dataclasses
import json
import re
import sys
import zlib
from html.parser import HTMLParser

import numpy as np
import plotly.graph_objects as go
import pytest

from spinn2sim import load_scenario
from spinn2sim.errors import MissingExtraError, OutputError
from spinn2sim.report.html import run_page, write_page
from spinn2sim.report.html.noc_chart import noc_chart
from spinn2sim.report.html.run_charts import memory_chart, profile_chart, step_times_chart
from spinn2sim.report.html.spikes_chart import MAX_MARKS, spikes_chart
from spinn2sim.report.html.timeline import NOTHING, timeline
from spinn2sim.report.html.tornado_chart import tornado_chart
from spinn2sim.report.profile import clock_profile
from spinn2sim.report.stretches import by_function, stretches
from spinn2sim.report.window import Window
from tests.report.html import pages
from tests.report.sweeps import EVIL
from tests.report.traces import PERIOD, Story


class Reader(HTMLParser):
    """Tags with what they refer to, scripts with data, and the text outside of scripts."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.data, self.text, self.refers = [], {}, [], []
        self._inside = None
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.tags.append(tag)
        self.refers += [given[key] for key in ("src", "href", "action") if key in given]
        self._inside = given.get("id") if given.get("type") == "application/json" else tag

    def handle_endtag(self, _tag):
        self._inside = None

    def handle_data(self, text):
        if self._inside in ("script", "style"):
            return
        if self._inside and (self._inside.endswith("-data")):
            self.data[self._inside] = json.loads(text)
        else:
            self.text.append(text)


@pytest.fixture(scope="module")
def page():
    return Reader(pages.evil_run_page())


def test_a_page_refers_to_nothing_but_itself(page):
    assert {refers for refers in page.refers if not refers.startswith("#")} == {"data:,"}


def test_names_and_messages_are_text_and_never_tags(page):
    assert page.tags.count("script") == 4 + len(page.data)
    assert sum(EVIL in text for text in page.text) > 10
    assert "i" not in page.tags


def test_every_figure_is_one_that_plotly_knows(page):
    figures = [
        figure
        for name, content in page.data.items()
        if name != "timeline-data"
        for figure in content["figures"].values()
    ]
    assert len(figures) > 10
    for figure in figures:
        layout = {key: value for key, value in figure["layout"].items() if key != "maxwidth"}
        go.Figure(
            json.loads(re.sub(r'"\$[\w-]+"', '"#123456"', json.dumps({**figure, "layout": layout})))
        )


def test_the_page_of_a_run_with_nothing_in_it_can_be_made():
    text = run_page(Story().trace())
    assert "No neuron spiked in this run." in text
    assert "The firmware has no cost table" in text


def test_without_sensitivity_guesses_are_listed_and_the_reason_is_told():
    text = run_page(pages.evil_trace(), note="Not tried, as asked.")
    assert "Not tried, as asked." in text
    assert "chip.noc.fifo_flits" in text
    assert "tornado-plot" not in text


def test_bars_of_the_profile_are_its_means_with_their_spread(paper_trace):
    bars = profile_chart(paper_trace).figures["step/functions"]["data"][0]
    rows = {row.label: row for row in clock_profile(paper_trace) if row.every == "step"}
    assert dict(zip(bars["y"], bars["x"], strict=True)) == {
        label: row.mean for label, row in rows.items() if row.maximum >= 1
    }
    spread = Story().step(0, 0, 30, ("f", 30)).step(1, 0, 10, ("f", 10))
    error = profile_chart(spread.trace()).figures["step/functions"]["data"][0]["error_x"]
    assert (error["array"], error["arrayminus"]) == ([10.0], [10.0])


def test_step_times_are_those_of_every_pe_and_the_deadline_is_the_period():
    trace = Story(n_timesteps=2).step(0, 0, 100).step(0, 1, 250).step(1, 0, 1_500).trace()
    figure = step_times_chart(trace).figures["linear"]
    bars = figure["data"][0]
    assert bars["x"] == [0.1, 0.25, 1.5, 0.0]
    assert bars["meta"]["pe"] == [0, 0, 1, 1]
    assert figure["layout"]["shapes"][0]["x0"] == 1.0


def test_variables_of_a_pe_stack_up_to_its_bytes():
    layout = [[f"v{number}", "uint8", [10 + number], 10 + number, False] for number in range(15)]
    trace = Story(n_pe=1).step(0, 0, 5).trace(layouts=[layout])
    bars = memory_chart(trace).figures[""]["data"]
    assert sum(bar["y"][0] for bar in bars) == sum(row[3] for row in layout)
    assert [bar["name"] for bar in bars][-1] == "4 smaller"
    markers = [str(bar["marker"]) for bar in bars]
    assert len(set(markers)) == len(bars)


def test_spikes_are_marks_or_counts_where_there_are_many():
    few = Story(n_pe=1, n_timesteps=3).step(0, 2, 5).rows("spikes", (0, 0, 7), (0, 2, 9))
    marks = spikes_chart(few.trace()).figures[""]["data"][0]
    assert (marks["x"], marks["y"], marks["type"]) == ([0, 2], [7, 9], "scatter")
    many = (
        Story(n_pe=1).step(0, 0, 5).rows("spikes", *((0, 0, key) for key in range(MAX_MARKS + 1)))
    )
    cells = spikes_chart(many.trace()).figures[""]["data"][0]
    assert cells["type"] == "heatmap"
    assert int(np.sum(cells["z"])) == MAX_MARKS + 1


def test_large_keys_stand_in_their_order():
    trace = Story(n_pe=1).step(0, 0, 5).rows("spikes", (0, 0, 2**31), (0, 0, 5)).trace()
    assert spikes_chart(trace).figures[""]["data"][0]["y"] == [1, 0]


def test_links_are_coloured_by_their_share_of_the_most():
    trace = pages.evil_trace()
    traces = noc_chart(trace).figures["flits"]["data"]
    colours = [line["line"]["color"] for line in traces if line["mode"] == "lines"][1:]
    assert len(colours) == 2  # 27 and 36 flits of at most 36
    assert noc_chart(Story().trace()).is_empty


def test_many_chips_have_no_map_but_a_line_that_says_so():
    board = load_scenario(
        preset="spinnaker2-board", overrides=("name=a", "n_pe=1", "firmware=a:B")
    ).board
    trace = pages.evil_trace()
    scenario = {**trace.meta["scenario"], "board": board.model_dump(mode="json")}
    on_board = dataclasses.replace(trace, meta={**trace.meta, "scenario": scenario})
    assert noc_chart(on_board).is_empty
    line = "There is no map of many chips; the table has the links of all, by name."
    assert line in run_page(on_board)
    assert line not in run_page(trace)


def test_the_tornado_orders_guesses_by_their_reach_and_cuts_late_steps_off():
    report = pages.sensitivity()
    report["rows"][0]["ends"][0]["slack_cycles"] = -(10**9)
    chart = tornado_chart(report, PERIOD)
    assert list(chart.figures) == ["slack_cycles", "largest_n_rec"]
    low, high = chart.figures["slack_cycles"]["data"]
    assert low["y"][0] == high["y"][0] == "chip.noc.fifo_flits"
    assert low["x"][0] == -PERIOD - 100
    assert high["x"] == [60]
    assert low["customdata"][0][1] == -(10**9)
    assert tornado_chart(None, PERIOD).is_empty


def unpacked(found):
    """(PE, start tick, stop tick, name) of each stretch on a page."""
    durations = np.frombuffer(zlib.decompress(base64.b64decode(found["durations"])), "<u4")
    codes = np.frombuffer(zlib.decompress(base64.b64decode(found["codes"])), np.uint8)
    place = 0
    for pe, count in enumerate(found["counts"]):
        tick = round(found["begin_ms"] / found["ms_per_tick"])
        for n in range(place, place + count):
            if codes[n] != NOTHING:
                yield pe, tick, tick + int(durations[n]), found["names"][codes[n]]
            tick += int(durations[n])
        place += count


def test_the_packed_timeline_is_the_stretches_of_the_trace(paper_trace):
    found, told = by_function(stretches(paper_trace)), timeline(paper_trace)
    zero = int(paper_trace.tables["steps"]["released"].min())
    expected = [
        (pe, start - zero, stop - zero, found.names[name])
        for pe, start, stop, name in zip(
            *(c.tolist() for c in (found.pe, found.start, found.stop, found.name)), strict=True
        )
    ]
    assert list(unpacked(told)) == expected


def test_a_stretch_of_more_ticks_than_32_bits_is_packed_in_pieces():
    trace = Story(n_pe=1, per_cycle=10**9).step(0, 0, 5 * 10**9, ("f", 5)).trace()
    rows = list(unpacked(timeline(trace)))
    assert len(rows) == 2
    assert rows[-1][2] - rows[0][1] == 5 * 10**9


def test_shares_in_the_legend_add_up_to_the_recorded_time():
    modes = timeline(pages.evil_trace())["modes"]
    for mode in modes.values():
        shares = [entry["share"] for entry in mode["legend"] if entry["share"] is not None]
        assert sum(shares) == pytest.approx(1)


def test_a_timeline_too_long_for_a_page_ends_early_and_says_so(monkeypatch):
    monkeypatch.setattr("spinn2sim.report.html.timeline.MAX_STRETCHES", 6)
    found = timeline(pages.evil_trace())
    assert found["note"] == "The timeline ends at 0.2 ms; see more of the run with --window."
    assert max(start for _, start, _, _ in unpacked(found)) < 250


def test_the_window_of_a_timeline_leaves_the_rest_out():
    found = timeline(pages.evil_trace(), Window(PERIOD, 2 * PERIOD))
    assert {start // PERIOD for _, start, _, _ in unpacked(found)} == {1}
    assert found["begin_ms"] == pytest.approx(1.0)


def test_without_jinja2_the_message_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(MissingExtraError) as caught:
        run_page(Story().trace())
    assert str(caught.value) == "an HTML report needs jinja2: pip install 'spinn2sim[report]'"


def test_a_page_is_written_whole_or_not_at_all(tmp_path):
    write_page(tmp_path / "page.html", "new")
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]
    with pytest.raises(OutputError) as caught:
        write_page(tmp_path / "none" / "page.html", "new")
    assert str(caught.value).endswith(
        "cannot be written (No such file or directory); choose another -o"
    )
