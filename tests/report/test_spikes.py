"""Spikes for other tools say what the trace says."""

from collections import Counter

import numpy as np
import pytest

from spinn2sim import load_scenario, simulate
from spinn2sim.errors import OutputError, SpecError
from spinn2sim.report.spikes import spike_trains, spikes, write_neo, write_spikes
from spinn2sim.report.window import parse_window
from tests.report.traces import Story


@pytest.fixture(scope="module")
def trace(utterance):
    """A LIF network that spikes, on 5 PEs."""
    fixed = ("name=lif", "n_pe=5", "firmware=firmware_models.lif:Lif", "parameters.n_rec=40")
    return simulate(load_scenario(preset="fpga-prototype", overrides=fixed), utterance)


def test_each_spike_is_there_with_the_time_of_its_step(trace):
    found, table = spikes(trace), trace.tables["spikes"]
    rows = Counter(
        zip(found["timestep"].tolist(), found["pe"].tolist(), found["key"].tolist(), strict=True)
    )
    columns = (table[name].tolist() for name in ("timestep", "pe", "key"))
    assert rows == Counter(zip(*columns, strict=True))
    assert len(found["key"]) > 20
    assert np.array_equal(found["time_s"], found["timestep"] * 0.01)
    assert (float(found["duration_s"]), float(found["timestep_s"])) == (1.0, 0.01)
    assert np.all(np.diff(found["time_s"]) >= 0)


def test_the_keys_are_the_neurons_of_the_pe(trace):
    found = spikes(trace)
    assert np.array_equal(found["key"] % 5, found["pe"])


def test_a_window_takes_the_steps_that_begin_in_it(trace):
    whole = spikes(trace)
    first, last = np.quantile(whole["timestep"], [0.25, 0.75]).astype(int).tolist()
    some = spikes(trace, parse_window(f"{10 * first}ms:{10 * last}ms", trace))
    wanted = (whole["timestep"] >= first) & (whole["timestep"] < last)
    assert np.array_equal(some["key"], whole["key"][wanted])
    assert 0 < len(some["key"]) < len(whole["key"])


def test_an_npz_file_holds_the_columns(trace, tmp_path):
    write_spikes(trace, tmp_path / "spikes.npz")
    with np.load(tmp_path / "spikes.npz", allow_pickle=False) as read:
        for name, column in spikes(trace).items():
            assert np.array_equal(read[name], column)


def test_a_spike_train_of_neo_has_the_times_of_one_key(trace):
    found, trains = spikes(trace), spike_trains(trace)
    assert [train.name for train in trains] == [str(key) for key in np.unique(found["key"])]
    for train in trains:
        times = found["time_s"][found["key"] == int(train.name)]
        assert np.allclose(train.times.rescale("s").magnitude, times)
        assert train.annotations["pe"] == int(train.name) % 5
        assert float(train.t_stop.rescale("s")) == 1.0


@pytest.mark.parametrize("suffix", ["mat", "pkl"])
@pytest.mark.filterwarnings("ignore")  # of Neo and what it writes with
def test_neo_reads_back_what_was_written(trace, tmp_path, suffix):
    import neo

    path = tmp_path / f"spikes.{suffix}"
    write_neo(trace, path)
    block = neo.io.get_io(str(path)).read_block()
    read = block.segments[0].spiketrains
    assert [len(train) for train in read] == [len(train) for train in spike_trains(trace)]


def test_a_suffix_of_no_format_is_refused(trace, tmp_path):
    with pytest.raises(SpecError, match=r"no format is known by '\.nwb'; use \.mat or \.pkl"):
        write_neo(trace, tmp_path / "spikes.nwb")


def test_a_place_that_cannot_be_written_is_named(trace, tmp_path):
    with pytest.raises(OutputError, match=r"cannot be written \(No such file or directory\)"):
        write_spikes(trace, tmp_path / "none" / "spikes.npz")


def test_a_run_without_steps_has_no_spikes_and_lasts_no_time():
    found = spikes(Story().trace())
    assert (found["time_s"].size, float(found["duration_s"])) == (0, 0.0)
    assert float(found["timestep_s"]) == 0.001


def test_spikes_of_a_step_come_by_key_and_then_by_pe():
    story = Story(n_pe=3, n_timesteps=2)
    for pe, timestep, key in ((2, 1, 4), (1, 1, 4), (0, 1, 9), (1, 0, 7)):
        story.step(pe, timestep, 10).recorder.send(pe, timestep, 5, [key], spikes=True)
    found = spikes(story.trace())
    assert found["key"].tolist() == [7, 4, 4, 9]
    assert found["pe"].tolist() == [1, 1, 2, 0]
    assert found["time_s"].tolist() == [0, 0.001, 0.001, 0.001]
    assert float(found["duration_s"]) == 0.002
