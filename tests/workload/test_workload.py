"""Samples and workloads: what they accept, what they refuse, and in which words."""

import dataclasses
import subprocess
import sys

import numpy as np
import pytest

from spinn2sim.errors import WorkloadError
from spinn2sim.workload import Sample, Workload

CLASSES = ("yes", "no")


def sample(name="a", target=0, shape=(4, 3), fill=1.0):
    return Sample(name, np.full(shape, fill, np.float32), target)


def message(make):
    with pytest.raises(WorkloadError) as error:
        make()
    return str(error.value)


def test_shape_is_that_of_its_samples():
    workload = Workload((sample("a"), sample("b", 1)), CLASSES)
    assert (workload.n_samples, workload.n_timesteps, workload.n_in) == (2, 4, 3)


def test_values_are_contiguous_read_only_float32():
    values = Sample("a", np.ones((3, 4), np.float64).T, 0).values
    assert values.dtype == np.float32
    assert values.flags.c_contiguous
    with pytest.raises(ValueError, match="read-only"):
        values[0, 0] = 2


def test_a_sample_does_not_change_with_the_array_it_was_made_from():
    source = np.ones((4, 3), np.float32)
    made = Sample("a", source, 0)
    source[0, 0] = 7
    assert made.values[0, 0] == 1


def test_samples_and_workloads_are_frozen():
    workload = Workload((sample(),), CLASSES)
    for thing, name in ((workload, "classes"), (workload.samples[0], "target")):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(thing, name, None)


@pytest.mark.parametrize(("value", "shown"), [(np.nan, "nan"), (np.inf, "inf"), (-1e300, "-inf")])
def test_a_value_that_is_not_finite_is_refused_with_its_place(value, shown):
    values = np.zeros((4, 3))
    values[2, 1] = values[3, 0] = value
    assert message(lambda: Sample("yes_01.flac", values, 0)) == (
        f"workload sample 'yes_01.flac': time step 2, channel 1 is {shown} "
        "(not finite: 2 of 12 values); repair this sample or leave it out"
    )


@pytest.mark.parametrize("shape", [(4,), (0, 3), (4, 0), (2, 2, 2)])
def test_values_that_are_not_time_steps_by_channels_are_refused(shape):
    assert message(lambda: sample("a", shape=shape)) == (
        f"workload sample 'a': values of shape {shape} are not (time steps, channels); "
        "give a two-dimensional array with at least one of each"
    )


def test_no_samples_are_refused():
    assert message(lambda: Workload((), CLASSES)) == (
        "workload (empty): there are no samples; give at least one"
    )


def test_samples_of_different_shapes_are_refused():
    assert message(lambda: Workload((sample("a"), sample("b", shape=(4, 2))), CLASSES)) == (
        "workload sample 'b': shape (4, 2) differs from (4, 3) of sample 'a'; "
        "make all samples with the same feature settings"
    )


@pytest.mark.parametrize("target", [-1, 2])
def test_a_target_that_is_no_class_is_refused(target):
    assert message(lambda: Workload((sample("a"), sample("b", target)), CLASSES)) == (
        f"workload sample 'b': target {target} is not one of the 2 classes; use 0 to 1"
    )


def test_digest_is_the_same_for_the_same_content_and_ignores_notes():
    first = Workload((sample(),), CLASSES)
    assert first.digest() == Workload((sample(),), CLASSES, ("a note",)).digest()
    assert len(first.digest()) == 64


@pytest.mark.parametrize(
    "changed",
    [
        Workload((sample("b"),), CLASSES),
        Workload((sample(target=1),), CLASSES),
        Workload((sample(fill=2.0),), CLASSES),
        Workload((sample(shape=(3, 4)),), CLASSES),
        Workload((sample(), sample()), CLASSES),
        Workload((sample(),), ("no", "yes")),
    ],
)
def test_digest_changes_with_anything_that_changes_a_run(changed):
    assert changed.digest() != Workload((sample(),), CLASSES).digest()


def test_digest_covers_every_sample():
    first, second = (Workload((sample(), sample(fill=fill)), CLASSES) for fill in (2.0, 3.0))
    assert first.digest() != second.digest()


def test_fewer_samples_are_the_first_ones():
    workload = Workload(tuple(sample(name) for name in "abc"), CLASSES, ("a note",))
    shorter = workload.with_samples(2)
    assert [each.name for each in shorter.samples] == ["a", "b"]
    assert shorter.notes == ("a note",)


def test_more_samples_than_there_are_repeat_in_order_and_say_so():
    workload = Workload(tuple(sample(name) for name in "abc"), CLASSES, ("a note",))
    longer = workload.with_samples(7)
    assert [each.name for each in longer.samples] == list("abcabca")
    why = "they repeat in the same order, as in further epochs"
    assert longer.notes == ("a note", f"7 samples are asked for and there are 3: {why}")


def test_as_many_samples_as_there_are_need_no_note():
    assert Workload((sample(),), CLASSES).with_samples(1).notes == ()


def test_no_samples_cannot_be_asked_for():
    assert message(lambda: Workload((sample(),), CLASSES).with_samples(0)) == (
        "workload size: 0 samples are asked for; ask for 1 or more"
    )


def test_importing_the_package_leaves_the_audio_libraries_alone():
    code = (
        "import sys, spinn2sim.workload; print(sorted({'librosa', 'soundfile'} & set(sys.modules)))"
    )
    told = subprocess.check_output([sys.executable, "-c", code], text=True)  # noqa: S603 - ours
    assert told == "[]\n"
