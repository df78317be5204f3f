"""Which files of a source are streamed, in which order, and as which class."""

import pytest

from spinn2sim.errors import MissingFileError, WorkloadError
from spinn2sim.workload.folder import CLASSES, list_audio


@pytest.fixture
def touch(tmp_path):
    """Empty files: a listing looks at names only."""

    def touch(*names):
        for name in names:
            path = tmp_path / "speech" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        return tmp_path / "speech"

    return touch


def classes_of(source):
    return {file.name: file.label for file in list_audio(source).files}


def test_there_are_ten_words_then_unknown_then_silence():
    words = ["yes", "no", "up", "down", "left", "right", "on", "off", "stop", "go"]
    assert list(CLASSES) == [*words, "unknown", "silence"]


def test_a_sub_folder_names_the_class(touch):
    source = touch("yes/1.wav", "go/1.FLAC", "silence/1.wav", "unknown/1.wav")
    assert classes_of(source) == {
        "yes/1.wav": "yes",
        "go/1.FLAC": "go",
        "unknown/1.wav": "unknown",
        "silence/1.wav": "silence",
    }
    assert list_audio(source).notes == ()


def test_underscores_around_silence_and_unknown_are_dropped(touch):
    source = touch("_silence_/1.wav", "_unknown_/1.wav", "_silence__2.wav")
    assert list(classes_of(source).values()) == ["unknown", "silence", "silence"]
    assert list_audio(source).notes == ()


def test_other_words_are_unknown_and_said_so(touch):
    listing = list_audio(touch("bird/1.wav", "bed/1.wav", "bed/2.wav", "yes/1.wav"))
    assert [file.label for file in listing.files] == ["yes", "unknown", "unknown", "unknown"]
    assert listing.notes == ("taken as unknown, not the name of a class: bed, bird",)


@pytest.mark.parametrize(("n_words", "end"), [(8, ""), (11, ", and 3 more")])
def test_of_many_other_words_eight_are_spelt_out(touch, n_words, end):
    listing = list_audio(touch(*(f"w{n:02d}/1.wav" for n in range(n_words))))
    words = f"w00, w01, w02, w03, w04, w05, w06, w07{end}"
    assert listing.notes == (f"taken as unknown, not the name of a class: {words}",)


def test_a_file_name_begins_with_the_class(touch):
    source = touch("yes_01.flac", "off_01.wav", "bed_01.flac", "offer_01.wav")
    assert classes_of(source) == {
        "yes_01.flac": "yes",
        "off_01.wav": "off",
        "bed_01.flac": "unknown",
        "offer_01.wav": "unknown",
    }
    assert list_audio(source).notes == ("taken as unknown, not the name of a class: bed, offer",)


def test_files_in_a_folder_of_one_class_need_not_repeat_it(touch):
    source = touch("up/0a7c_nohash_0.wav") / "up"
    assert classes_of(source) == {"0a7c_nohash_0.wav": "up"}
    assert list_audio(source).notes == ()


def test_a_sub_folder_counts_more_than_a_file_name(touch):
    assert classes_of(touch("bed/yes_01.wav")) == {"bed/yes_01.wav": "unknown"}


def test_background_noise_is_skipped_and_said_so(touch):
    listing = list_audio(touch("_background_noise_/tap.wav", "yes/1.wav"))
    assert [file.name for file in listing.files] == ["yes/1.wav"]
    assert listing.notes == (
        "_background_noise_: skipped, its recordings are not single utterances",
    )


def test_files_that_are_not_audio_are_skipped_and_said_so(touch):
    listing = list_audio(touch("README.md", "yes/1.mp3", "yes/1.wav", "yes/._1.wav", ".git/1.wav"))
    assert [file.name for file in listing.files] == ["yes/1.wav"]
    assert listing.notes == ("skipped, hidden or not .wav or .flac: ._1.wav, 1.mp3, README.md",)


def test_classes_take_turns_in_their_order_and_files_in_that_of_their_names(touch):
    source = touch("no/b.wav", "no/a.wav", "no/c.wav", "yes/z.wav", "go/m.wav", "go/k.wav")
    assert list(classes_of(source)) == [
        *("yes/z.wav", "no/a.wav", "go/k.wav"),
        *("no/b.wav", "go/m.wav"),
        "no/c.wav",
    ]


def test_words_mix_within_unknown(touch):
    source = touch("bed/1.wav", "bed/3.wav", "cat/2.wav", "cat/1.wav")
    assert list(classes_of(source)) == ["bed/1.wav", "cat/1.wav", "cat/2.wav", "bed/3.wav"]


def test_one_file_has_the_class_of_its_folder(touch):
    listing = list_audio(touch("stop/1.wav") / "stop" / "1.wav")
    assert [(file.name, file.label) for file in listing.files] == [("1.wav", "stop")]
    assert listing.notes == ()


def test_one_file_in_a_folder_of_another_name_is_unknown_and_said_so(touch):
    listing = list_audio(touch("yes_01.wav") / "yes_01.wav")
    assert [file.label for file in listing.files] == ["unknown"]
    assert listing.notes == (
        "yes_01.wav: taken as unknown, its folder 'speech' is not the name of a class",
    )


def test_nothing_at_the_source_is_an_error(tmp_path):
    path = tmp_path / "nowhere"
    with pytest.raises(MissingFileError) as error:
        list_audio(path)
    assert str(error.value) == (
        f"audio not found: {path}; name a .wav or .flac file, a folder of them, or 'embedded'"
    )


def test_a_folder_without_audio_is_an_error(touch):
    source = touch("README.md", "yes/notes.txt")
    with pytest.raises(WorkloadError) as error:
        list_audio(source)
    assert str(error.value) == (
        f"workload {source}: holds no .wav or .flac file; give a folder of files named "
        "<class>_*.wav, or one with a sub-folder for each class"
    )
