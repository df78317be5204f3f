"""Speech Commands: which clip is in which split and class, and what is counted."""

import shutil
from collections import Counter

import pytest

from spinn2sim.errors import MissingFileError, WorkloadError
from spinn2sim.workload.silence import STRETCHES, n_silence
from spinn2sim.workload.speech_commands import SPLITS, Counts, load_corpus


def files(utterances):
    return sorted(each.file for each in utterances if each.start is None)


def labels(utterances):
    return Counter(each.label for each in utterances)


def test_the_official_lists_divide_the_clips_and_all_others_are_train(speech_commands):
    corpus = load_corpus(speech_commands)
    assert files(corpus.train) == [
        *(f"bed/{n}a_nohash_0.wav" for n in range(4)),
        *("no/0a_nohash_0.wav", "no/0b_nohash_0.wav"),
        *(f"yes/0{letter}_nohash_0.wav" for letter in "abc"),
    ]
    assert files(corpus.validation) == ["happy/0v_nohash_0.wav", "yes/0v_nohash_0.wav"]


def test_a_clip_in_both_lists_is_test_only(speech_commands):
    corpus = load_corpus(speech_commands)
    assert files(corpus.test) == ["no/0x_nohash_0.wav", "yes/0t_nohash_0.wav"]
    assert "clips in both lists, used for testing only: 1" in corpus.notes


def test_everything_is_counted(speech_commands):
    assert load_corpus(speech_commands).counts == Counts(
        clips=13,
        corrupt=1,
        skipped=2,
        cut_short=0,
        padded=1,
        cut=1,
        mixed=1,
        resampled=1,
        in_both_lists=1,
        in_neither_list=9,
        missing=1,
        left_out=0,
    )


def test_a_clip_that_was_cut_short_is_counted_and_said(speech_commands):
    for name in ("yes/0a_nohash_0.wav", "_background_noise_/hum.wav"):
        path = speech_commands / name
        path.write_bytes(path.read_bytes()[:-2_000])
    corpus = load_corpus(speech_commands)
    assert (corpus.counts.cut_short, corpus.counts.padded) == (2, 2)
    assert "files that hold less than their header says, used as far as they go: 2" in corpus.notes


def test_a_corrupt_file_is_named_with_the_reason_and_left_out(speech_commands):
    corpus = load_corpus(speech_commands)
    (problem,) = corpus.problems
    assert problem.startswith("no/0y_nohash_0.wav: cannot be read as WAV or FLAC (")
    assert problem in corpus.notes
    assert "files that cannot be read, left out: 1" in corpus.notes


def test_of_many_corrupt_files_the_notes_name_eight_and_the_problems_all(speech_commands):
    for number in range(20):
        (speech_commands / "yes" / f"bad{number}.wav").touch()
    corpus = load_corpus(speech_commands)
    assert len(corpus.problems) == 21
    assert "and 13 more" in corpus.notes
    assert sum("record or export it again" in note for note in corpus.notes) == 8


def test_words_that_are_no_class_are_unknown(speech_commands):
    train = load_corpus(speech_commands, silence=dict.fromkeys(SPLITS, 0)).train
    assert labels(train) == {"yes": 3, "no": 2, "unknown": 4}
    assert {each.file[:3] for each in train if each.label == "unknown"} == {"bed"}


def test_classes_take_turns_from_the_first_clip_on(speech_commands):
    train = load_corpus(speech_commands, silence={"train": 2}).train
    assert [each.label for each in train[:5]] == ["yes", "no", "unknown", "silence", "yes"]


def test_unknown_words_may_be_balanced_by_seed(speech_commands, write):
    for number in range(30):
        write(f"gsc/yes/{number}.wav")
        write(f"gsc/cat/{number}.wav")
    balanced = [load_corpus(speech_commands, balance_unknown=True, seed=s) for s in (1, 1, 2)]
    for corpus in balanced:
        assert labels(corpus.train)["unknown"] == round(35 / 10)
        assert corpus.counts.left_out == 34 - 4 + 1  # validation keeps none of one
    first, again, other = (files(corpus.train) for corpus in balanced)
    assert first == again != other


def test_silence_is_as_much_as_a_word_in_a_small_corpus_and_the_papers_in_the_real_one():
    assert n_silence("train", 4_000, 6_480) == 400
    assert n_silence("validation", 505, 6_480) == 50
    assert [n_silence(split, 18_500, 64_721) for split in SPLITS] == [2_300, 260, 1_850]


def test_silence_is_cut_from_the_stretch_of_its_split(speech_commands):
    corpus = load_corpus(speech_commands, silence=dict.fromkeys(SPLITS, 200))
    lengths = {"hum": (320_000, 16_000), "tap": (48_000, 8_000)}
    for split in SPLITS:
        cuts = [each for each in corpus.split(split) if each.start is not None]
        assert len(cuts) == 200
        assert {each.label for each in cuts} == {"silence"}
        for each in cuts:
            n_frames, rate = lengths[each.file.removeprefix("_background_noise_/")[:3]]
            begin, end = (round(part * n_frames) for part in STRETCHES[split])
            assert begin <= each.start <= end - rate
    assert len({each.start for each in corpus.train if each.start is not None}) > 190


def test_cuts_of_different_splits_never_overlap(speech_commands):
    corpus = load_corpus(speech_commands, silence=dict.fromkeys(SPLITS, 200))
    starts = {
        split: [each.start for each in corpus.split(split) if each.file.endswith("hum.wav")]
        for split in SPLITS
    }
    assert max(starts["train"]) + 16_000 <= min(starts["validation"])
    assert max(starts["validation"]) + 16_000 <= min(starts["test"])


def test_a_longer_recording_is_cut_more_often(speech_commands):
    train = load_corpus(speech_commands, silence={"train": 500}).train
    n = Counter(each.file for each in train if each.start is not None)
    # Cuts of 1 s may start within 15 s of one and 3.8 s of the other.
    assert n["_background_noise_/hum.wav"] / 500 == pytest.approx(15 / 18.8, abs=0.06)


def test_the_seed_chooses_the_cuts(speech_commands):
    first, again, other = (
        load_corpus(speech_commands, seed=seed, silence={"train": 5}) for seed in (1, 1, 2)
    )
    assert first == again
    assert first.train != other.train
    assert [each for each in first.train if each.start is None] == [
        each for each in other.train if each.start is None
    ]


def test_without_background_noise_there_is_no_silence_and_it_says_so(speech_commands):
    shutil.rmtree(speech_commands / "_background_noise_")
    corpus = load_corpus(speech_commands, silence={"train": 5})
    assert "silence" not in labels(corpus.train)
    assert "no cuts of silence: 0 recordings of background noise" in corpus.notes


def test_clips_in_a_folder_of_silence_are_taken_and_none_cut(speech_commands, write):
    write("gsc/_silence_/1.wav")
    corpus = load_corpus(speech_commands)
    assert labels(corpus.train)["silence"] == 1
    assert [each.file for each in corpus.train if each.label == "silence"] == ["_silence_/1.wav"]


def test_a_missing_list_is_said(speech_commands):
    (speech_commands / "testing_list.txt").unlink()
    corpus = load_corpus(speech_commands)
    assert files(corpus.test) == []
    assert "no testing_list.txt: nothing is held back by it" in corpus.notes


@pytest.mark.parametrize("arcname", [".", "speech_commands_v0.01"])
def test_the_archive_of_a_folder_is_the_same_corpus(speech_commands, pack, arcname):
    folder, archive = (
        load_corpus(source, seed=3)
        for source in (speech_commands, pack(speech_commands, arcname=arcname))
    )
    for split in SPLITS:
        assert archive.split(split) == folder.split(split)
    assert (archive.counts, archive.problems, archive.notes) == (
        folder.counts,
        folder.problems,
        folder.notes,
    )


def test_a_source_without_clips_is_refused(tmp_path):
    with pytest.raises(WorkloadError) as error:
        load_corpus(tmp_path)
    assert str(error.value) == (
        f"workload {tmp_path}: holds no readable .wav or .flac file in folders named by words "
        "(yes/, no/, ...)"
    )


def test_a_source_that_is_not_there_is_named(tmp_path):
    with pytest.raises(MissingFileError) as error:
        load_corpus(tmp_path / "gone")
    assert str(error.value) == (
        f"corpus not found: {tmp_path / 'gone'}; name the folder of a corpus or its .tar.gz"
    )


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"seed": -1}, "workload seed: -1 is below 0"),
        (
            {"silence": {"training": 1}},
            "workload silence: 'training' is no split; use train, validation, test",
        ),
        ({"silence": {"test": -1}}, "workload silence: -1 cuts for test; ask for 0 or more"),
    ],
)
def test_what_cannot_be_asked_for_is_refused(tmp_path, options, told):
    with pytest.raises(WorkloadError) as error:
        load_corpus(tmp_path, **options)
    assert str(error.value) == told
