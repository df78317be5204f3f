"""From the name of a source to samples: the embedded speech in three splits, and for the chip."""

import numpy as np
import pytest

from spinn2sim.errors import MissingFileError
from spinn2sim.spec import load_scenario
from spinn2sim.training.source import chip_features, open_source
from spinn2sim.workload import CLASSES, FeatureSettings


@pytest.fixture(scope="module")
def embedded():
    return open_source("embedded", FeatureSettings(), seed=0)


def test_the_embedded_speech_has_one_clip_of_each_class_for_validation_and_one_for_test(embedded):
    assert [len(split) for split in (embedded.train, embedded.validation, embedded.test)] == [
        *(36, 12, 12)
    ]
    for split in (embedded.validation, embedded.test):
        assert sorted(split.targets) == list(range(len(CLASSES)))
    assert np.bincount(embedded.train.targets).tolist() == [3] * 12


def test_no_clip_is_in_two_splits(embedded):
    names = [*embedded.train.names, *embedded.validation.names, *embedded.test.names]
    assert len(set(names)) == len(names) == 60
    assert embedded.train.names[0] == "yes/yes_01.flac"
    assert embedded.train.x.shape == (36, 100, 80)


def test_the_chip_gets_as_many_test_samples_as_the_scenario_asks_for(embedded):
    scenario = load_scenario(preset="paper-12pe", overrides=["workload.n_samples=3"])
    workload = chip_features("embedded", scenario).workload("test", scenario.workload.n_samples)
    assert [sample.name for sample in workload.samples] == list(embedded.test.names[:3])
    assert all(
        np.array_equal(sample.values, x)
        for sample, x in zip(workload.samples, embedded.test.x, strict=False)
    )


def test_a_corpus_that_is_not_there_is_named():
    with pytest.raises(MissingFileError, match="/no/such"):
        open_source("/no/such", FeatureSettings(), seed=0)
