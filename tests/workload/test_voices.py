"""Who speaks in which split: the table of tracts is what espeak-ng's own files say."""

import re
from pathlib import Path

import pytest

from spinn2sim.errors import MissingFileError
from spinn2sim.workload import espeak
from spinn2sim.workload.speech_commands import SPLITS
from spinn2sim.workload.voices import DEAL, TRACTS, VOICES, tracts

#: Variants of one version only; a corpus needs those of both.
OF_ONE_VERSION = {"Reed", "ian", "mike2"}

ALL = [tract for split in SPLITS for tract in VOICES[split]]


@pytest.fixture(scope="module")
def settings():
    """What the file of each variant says: key to numbers or words, formant N to its numbers."""
    try:
        names = espeak.voice_variants()
    except MissingFileError as error:
        pytest.skip(str(error))
    folder = Path(espeak._about().partition("Data at: ")[2].strip()) / "voices" / "!v"
    return {name: read(folder / name) for name in names - OF_ONE_VERSION}


def read(path):
    found = {}
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        key, *values = re.sub(r"(#|//).*", "", line).split() or [""]
        if key == "formant":
            key, *values = f"formant {values[0]}", *values[1:]
        found.setdefault(key, values)
    return found


def formants_of(found):
    return tuple(int(found.get(f"formant {n}", [100])[0]) for n in (1, 2, 3))


def number(found, key, default, place=0):
    return int(found[key][place]) if key in found else default


def is_human(found):
    formants = formants_of(found)
    return (
        max(formants) <= 1.4 * min(formants)
        and number(found, "echo", 0, place=1) <= 100
        and number(found, "voicing", 100) >= 30
        and not any(key.startswith("fast") for key in found)
    )


def kind_of(found):
    tone = [int(value) for value in found.get("tone", ())]
    if any(
        300 <= hz <= 3_400 and level <= 25.5
        for hz, level in zip(tone[::2], tone[1::2], strict=True)
    ):
        return "muffled"
    if "klatt" in found:
        return "klatt"
    female = found.get("gender", [""])[0] == "female"
    return "high" if female or number(found, "pitch", 82) >= 140 else "low"


def test_the_table_has_every_human_variant_with_the_kind_and_formants_of_its_file(settings):
    of_files = {
        name: (kind_of(found), formants_of(found))
        for name, found in settings.items()
        if is_human(found)
    }
    of_table = {name: (each.kind, each.formants) for each in ALL for name in each.variants}
    assert of_table == of_files


def test_a_tract_is_in_one_split_and_a_variant_in_one_tract():
    names = [name for each in ALL for name in each.variants]
    assert len(set(names)) == len(names)
    assert len({(each.kind, each.formants) for each in ALL}) == len(ALL)
    assert len(ALL) == sum(map(len, TRACTS.values()))


@pytest.mark.parametrize("kind", TRACTS)
def test_tracts_are_dealt_by_their_length_alone(kind):
    in_order = tracts(kind)
    lengths = [sum(each.formants) for each in in_order]
    assert lengths == sorted(lengths)
    split_of = {each: split for split in SPLITS for each in VOICES[split]}
    assert [split_of[each] for each in in_order] == [
        *(DEAL[place % len(DEAL)] for place in range(len(in_order) - 1)),
        "train",
    ]


@pytest.mark.parametrize("kind", TRACTS)
def test_no_tract_is_longer_or_shorter_than_what_training_hears_of_its_kind(kind):
    lengths = {
        split: [sum(each.formants) for each in VOICES[split] if each.kind == kind]
        for split in SPLITS
    }
    for split in ("validation", "test"):
        for length in lengths[split]:
            assert min(lengths["train"]) <= length <= max(lengths["train"])


def test_every_kind_is_heard_in_training_and_in_the_test():
    for split in ("train", "test"):
        assert {each.kind for each in VOICES[split]} == set(TRACTS)


def test_most_of_the_tracts_are_train():
    assert {split: len(each) for split, each in VOICES.items()} == {
        "train": 32,
        "validation": 5,
        "test": 8,
    }
