"""The synthetic corpus: its sizes, its voices, its noise, and that a seed says all."""

from collections import Counter, defaultdict

import numpy as np
import pytest
import soundfile

from spinn2sim.errors import MissingFileError, WorkloadError
from spinn2sim.workload import espeak, load_clip, synthesis
from spinn2sim.workload.noise import KINDS, coloured, noise
from spinn2sim.workload.speech_commands import SPLITS, load_corpus
from spinn2sim.workload.synthesis import plan, split_sizes, synthesise
from spinn2sim.workload.voices import VOICES, Tract

NOISE_SECONDS = 10

ALL_VARIANTS = frozenset(
    name for split in VOICES.values() for each in split for name in each.variants
)


@pytest.fixture(scope="module")
def speaks():
    try:
        espeak.find_espeak()
    except MissingFileError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def corpus(speaks, tmp_path_factory):  # noqa: ARG001 - to be skipped with it
    out = tmp_path_factory.mktemp("synthesis") / "corpus"
    told = []
    n = synthesise(
        out,
        per_class=3,
        seed=5,
        noise_seconds=NOISE_SECONDS,
        workers=1,
        progress=lambda *now: told.append(now),
    )
    assert told == [("speaking", index, n) for index in range(1, n + 1)]
    return out


@pytest.fixture(scope="module")
def plans():
    return plan(540, seed=1)


def content(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_540_of_each_word_are_the_sizes_of_the_benchmark(plans):
    spoken = Counter(planned.split for planned in plans)
    silence = split_sizes(540)
    assert {split: spoken[split] + silence[split] for split in SPLITS} == {
        "train": 5_200,
        "validation": 650,
        "test": 1_170,
    }


def test_the_largest_class_is_at_most_a_sixth_of_each_split(plans):
    labels = defaultdict(Counter)
    for planned in plans:
        known = planned.word in synthesis.WORDS
        labels[planned.split][planned.word if known else "unknown"] += 1
    for split in SPLITS:
        n_all = labels[split].total() + split_sizes(540)[split]
        assert max(labels[split].values()) / n_all <= 0.16
        assert len(labels[split]) == 11


def test_voices_are_disjoint_between_splits(plans):
    heard = defaultdict(set)
    for planned in plans:
        heard[planned.split].add(planned.voice.partition("+")[2])
    for split in SPLITS:
        assert heard[split] == {name for each in VOICES[split] for name in each.variants}
    assert len(set.union(*heard.values())) == sum(map(len, heard.values()))


def test_a_tract_is_heard_as_often_as_any_other_of_its_split(plans):
    tract_of = {name: each for split in SPLITS for each in VOICES[split] for name in each.variants}
    for split in SPLITS:
        counted = Counter(
            tract_of[each.voice[each.voice.index("+") + 1 :]]
            for each in plans
            if each.split == split
        )
        expected = counted.total() / len(VOICES[split])
        assert len(counted) == len(VOICES[split])
        assert max(abs(n - expected) for n in counted.values()) < 5 * expected**0.5


def test_sizes_are_drawn_evenly_from_end_to_end(plans):
    counted = Counter(each.size for each in plans)
    assert sorted(counted) == list(range(90, 111))
    assert min(counted.values()) > 0.75 * len(plans) / 21


def test_speakers_in_file_names_are_disjoint_between_splits(plans):
    speakers = defaultdict(set)
    for planned in plans:
        speakers[planned.file.partition("/")[2][:8]].add(planned.split)
    assert all(len(splits) == 1 for splits in speakers.values())


def test_every_clip_has_a_file_of_its_own(plans):
    assert len({planned.file for planned in plans}) == len(plans) == 12 * 540


def test_every_split_has_each_word_even_in_the_smallest_corpus():
    words = defaultdict(set)
    for planned in plan(3, seed=1):
        words[planned.split].add(planned.word)
    for split in SPLITS:
        assert words[split] >= set(synthesis.WORDS)


def test_the_corpus_loads_whole_with_silence_as_of_a_word(corpus):
    loaded = load_corpus(corpus)
    assert loaded.problems == ()
    counts = loaded.counts
    assert (counts.clips, counts.missing, counts.padded, counts.cut) == (36, 0, 0, 0)
    assert (counts.mixed, counts.resampled, counts.skipped) == (0, 0, 1)
    for split in SPLITS:
        labels = Counter(each.label for each in loaded.split(split))
        assert labels.pop("unknown") == split_sizes(6)[split]
        assert set(labels.values()) == {1}
        assert len(labels) == 11


def test_the_lists_say_what_was_planned(corpus):
    loaded = load_corpus(corpus)
    for split in SPLITS:
        planned = {each.file for each in plan(3, seed=5) if each.split == split}
        assert {each.file for each in loaded.split(split) if each.start is None} == planned


def test_clips_are_one_second_of_16_khz_mono_16_bit(corpus):
    for path in corpus.glob("[a-z]*/*.wav"):
        about = soundfile.info(path)
        assert (about.frames, about.samplerate, about.channels) == (16_000, 16_000, 1)
        assert about.subtype == "PCM_16"
        assert 0.29 < np.abs(load_clip(path).samples).max() < 0.91


def test_the_corpus_says_how_it_was_made(corpus):
    assert (corpus / "README.md").read_text() == (
        "Synthetic speech, not recordings. Made by `spinn2sim data synth --per-class 3 --seed 5` "
        f"with espeak-ng {espeak.espeak_version()}.\n"
    )


@pytest.mark.slow
def test_the_same_seed_gives_the_same_files_in_two_processes(corpus, tmp_path):
    again = tmp_path / "again"
    synthesise(again, per_class=3, seed=5, noise_seconds=NOISE_SECONDS, workers=2)
    assert content(again) == content(corpus)


@pytest.mark.usefixtures("speaks")
def test_a_clip_depends_on_its_plan_and_seed_alone(corpus):
    planned = plan(3, seed=5)[7]
    written = load_clip(corpus / planned.file).samples
    again, other = (synthesis.make_clip(planned, seed) for seed in (5, 6))
    assert np.corrcoef(written, again)[0, 1] > 0.999999
    assert np.corrcoef(written, other)[0, 1] < 0.9


def test_another_seed_gives_other_voices():
    assert [each.voice for each in plan(3, 1)] != [each.voice for each in plan(3, 2)]
    assert plan(3, 1) == plan(3, 1)


@pytest.mark.parametrize("snr_db", [5, 20])
def test_noise_is_as_far_below_the_word_as_drawn(monkeypatch, snr_db):
    word = coloured(np.sin(np.arange(6_000) / 3), 0.0)
    monkeypatch.setattr(synthesis, "speak", lambda *_, **__: word.copy())
    monkeypatch.setattr(synthesis, "TILT", (0.0, 0.0))
    monkeypatch.setattr(synthesis, "SNR_DB", (snr_db, snr_db))
    for planned in plan(3, seed=1)[:5]:
        clip = synthesis.make_clip(planned, seed=1)
        # Of what is added, the noise is all that is not the word.
        start = np.correlate(clip, word).argmax()
        clip[start : start + len(word)] -= word
        noise_power, word_power = np.mean(clip**2), np.mean(word**2)
        assert 10 * np.log10(word_power / noise_power) == pytest.approx(snr_db, abs=0.1)


@pytest.mark.parametrize("tilt", [-0.5, 0.5])
def test_a_word_falls_with_frequency_by_as_much_more_as_drawn(monkeypatch, tilt):
    rng = np.random.default_rng(0)
    word = rng.standard_normal(15_000)
    monkeypatch.setattr(synthesis, "speak", lambda *_, **__: word.copy())
    monkeypatch.setattr(synthesis, "SNR_DB", (80, 80))
    monkeypatch.setattr(synthesis, "TILT", (tilt, tilt))
    power = np.abs(np.fft.rfft(synthesis.make_clip(plan(3, seed=1)[0], seed=1))) ** 2
    low, high = power[200:400].mean(), power[2_000:4_000].mean()  # from 200 Hz, from 2 kHz
    assert 10 * np.log10(low / high) == pytest.approx(10 * tilt, abs=1)


def test_noise_reaches_5_db():
    assert synthesis.SNR_DB[0] == 5


def test_a_word_that_is_too_long_is_cut_to_fit(monkeypatch):
    monkeypatch.setattr(synthesis, "speak", lambda *_, **__: np.sin(np.arange(20_000)))
    assert synthesis.make_clip(plan(3, seed=1)[0], seed=1).shape == (16_000,)


@pytest.mark.parametrize("kind", KINDS)
def test_noise_of_each_kind_is_loud_as_asked_and_never_twice_the_same(kind):
    one, other = (noise(kind, 16_000, np.random.default_rng(seed)) for seed in (1, 2))
    assert np.sqrt(np.mean(one**2)) == pytest.approx(1)
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.95


@pytest.mark.parametrize(
    ("kind", "fall_db"), [("white_noise", 0), ("pink_noise", 10), ("brown_noise", 20)]
)
def test_coloured_noise_falls_with_frequency(kind, fall_db):
    power = np.abs(np.fft.rfft(noise(kind, 160_000, np.random.default_rng(0)))) ** 2
    low, high = power[2_000:2_400].mean(), power[20_000:24_000].mean()  # from 200 Hz, from 2 kHz
    assert 10 * np.log10(low / high) == pytest.approx(fall_db, abs=1)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (
            {"per_class": 2},
            "workload per_class: 2 is below 3: each split needs a clip of each word",
        ),
        ({"seed": -1}, "workload seed: -1 is below 0"),
        ({"noise_seconds": 0}, "workload noise_seconds: 0 is below 1"),
    ],
)
def test_what_cannot_be_made_is_refused(tmp_path, options, told):
    with pytest.raises(WorkloadError) as error:
        synthesise(tmp_path / "out", **{"per_class": 3, "seed": 1, **options})
    assert str(error.value) == told
    assert not (tmp_path / "out").exists()


def test_a_folder_that_exists_is_never_written_over(tmp_path):
    with pytest.raises(WorkloadError) as error:
        synthesise(tmp_path, per_class=3, seed=1)
    assert str(error.value) == (
        f"workload {tmp_path}: exists; choose another folder, or remove it first"
    )


def test_a_run_that_fails_leaves_nothing(tmp_path, monkeypatch):
    def fail(*_, **__):
        raise WorkloadError("espeak-ng", "cannot speak")

    monkeypatch.setattr(synthesis, "speak", fail)
    monkeypatch.setattr(synthesis, "espeak_version", lambda: "1.51")
    monkeypatch.setattr(synthesis, "voice_variants", lambda: ALL_VARIANTS)
    with pytest.raises(WorkloadError):
        synthesise(tmp_path / "out", per_class=3, seed=1)
    assert list(tmp_path.iterdir()) == []


def test_without_espeak_it_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(espeak, "WHEEL", "no_such_wheel")
    with pytest.raises(MissingFileError) as error:
        synthesise(tmp_path / "out", per_class=3, seed=1)
    assert str(error.value) == (
        "speech synthesiser not found: espeak-ng; install it (Debian: apt-get install espeak-ng), "
        "or the wheel that carries it (pip install espeakng-loader)"
    )


@pytest.mark.usefixtures("speaks")
def test_a_variant_that_this_version_does_not_have_is_refused(monkeypatch, tmp_path):
    monkeypatch.setitem(VOICES, "test", (Tract("low", (100, 100, 100), ("m1", "klingon")),))
    with pytest.raises(WorkloadError) as error:
        synthesise(tmp_path / "out", per_class=3, seed=1)
    assert str(error.value) == (
        "workload espeak-ng: has no voices klingon; use 1.51 or 1.52, not "
        f"{espeak.espeak_version()}"
    )


@pytest.mark.usefixtures("speaks")
@pytest.mark.parametrize("accent", synthesis.ACCENTS)
def test_variants_of_every_accent_sound_different(accent):
    said = [
        espeak.speak("go", voice=f"{accent}+{each[0].variants[0]}", speed=150, pitch=50).tobytes()
        for each in VOICES.values()
    ]
    assert len(set(said)) == 3


@pytest.mark.usefixtures("speaks")
def test_a_size_moves_all_frequencies_up_and_shortens_the_word():
    usual, small = (
        espeak.speak("go", voice="en-us+m3", speed=150, pitch=50, size=size) for size in (100, 110)
    )
    assert len(small) == pytest.approx(len(usual) / 1.1, rel=0.01)
    spectra = [np.abs(np.fft.rfft(each, 32_000)) for each in (usual, small)]
    bins = np.arange(200, 4_000)
    moved = np.interp(bins, bins * 1.1, spectra[0][bins])
    assert np.corrcoef(moved[200:3_000], spectra[1][bins][200:3_000])[0, 1] > 0.95
    assert np.corrcoef(spectra[0][bins][200:3_000], spectra[1][bins][200:3_000])[0, 1] < 0.7


def test_the_wheel_speaks_where_there_is_no_program(monkeypatch):
    pytest.importorskip("espeakng_loader")
    monkeypatch.setattr(espeak, "PROGRAM", "no-such-program")
    assert espeak.find_espeak()[3] == str(espeak.WHEEL_SCRIPT)
    assert espeak.espeak_version().startswith("1.")
    one, again = (espeak.speak("go", voice="en-gb+f2", speed=150, pitch=50) for _ in range(2))
    np.testing.assert_array_equal(one, again)
    assert 2_000 < len(one) < 16_000
    assert espeak.voice_variants() >= ALL_VARIANTS
    with pytest.raises(WorkloadError) as error:
        espeak.speak("yes", voice="xx", speed=150, pitch=50)
    assert str(error.value) == "workload no-such-program: cannot speak: unknown voice xx"
