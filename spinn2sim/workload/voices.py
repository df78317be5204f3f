"""Which voices of espeak-ng speak in which split: by their vocal tracts, whole, by one rule.

espeak-ng describes a variant of its voice in a file of settings. Of these only the kind of the
voice and the first three formants count here, in percent of those of the default voice: they say
how long the vocal tract is. Variants with the same formants are one tract, however else they
differ, and a tract is in one split only. Within a kind the tracts are put in order of length and
dealt in turn as ``DEAL`` says, so that the tracts of each split are spread over all lengths.

``TRACTS`` has every variant of both espeak-ng 1.51 and 1.52 but those that are no human voice by
their settings: an echo louder than the voice itself (robots), less than 30 % of voicing (whispers),
formants of which one is scaled over 1.4 times as far as another, which no tract does, and a test of
fast speech. ``Tract.variants`` have the names that follow the + in a voice.
"""

from __future__ import annotations

from itertools import cycle
from typing import NamedTuple

#: Kind, formants 1 to 3 in percent, variants. *High* voices are those that are called female or
#: begin at 140 Hz or above; *klatt* ones have espeak-ng's other synthesiser of vowels; of
#: *muffled* ones the tone takes 20 dB or more from what a telephone passes, 300 to 3,400 Hz.
TRACTS = {
    "low": {
        (87, 94, 93): ("iven", "iven2", "iven3", "iven4"),
        (90, 80, 105): ("m5",),
        (90, 95, 100): ("antonio",),
        (90, 100, 90): ("Gene", "Gene2"),
        (90, 110, 105): ("m2",),
        (95, 90, 90): ("victor",),
        (95, 95, 95): ("Storm",),
        (95, 95, 100): ("pedro",),
        (95, 97, 98): ("pablo",),
        (95, 97, 101): ("rob", "robert"),
        (95, 100, 90): ("Denis",),
        (95, 100, 95): ("Diogo", "Henrique", "Hugo", "michel", "miguel"),
        (96, 96, 96): ("m3",),
        (96, 96, 100): ("Mike",),
        (96, 97, 97): ("Nguyen",),
        (97, 96, 101): ("quincy",),
        (97, 97, 97): ("m1",),
        (98, 103, 100): ("sandro",),
        (100, 75, 100): ("norbert",),
        (100, 95, 100): ("Mario",),
        (100, 100, 87): ("Mr serious",),
        (100, 100, 100): ("croak", "grandpa", "john", "m6", "m7", "max"),
        (102, 101, 100): ("ed",),
        (103, 98, 100): ("paul",),
        (103, 103, 103): ("m4",),
        (110, 100, 100): ("Alex",),
    },
    "high": {
        (100, 105, 80): ("grandma",),
        (110, 110, 110): ("f2", "f5"),
        (110, 110, 115): ("Andrea",),
        (115, 130, 123): ("aunty", "f4"),
        (120, 100, 115): ("f1",),
        (120, 120, 130): ("Annie",),
        (120, 135, 125): ("f3",),
        (130, 150, 135): ("Alicia",),
        (135, 120, 120): ("belinda",),
        (135, 131, 123): ("linda",),
        (145, 145, 145): ("zac",),
    },
    "klatt": {
        (75, 85, 85): ("david",),
        (88, 96, 98): ("announcer",),
        (92, 103, 103): ("edward", "edward2"),
        (100, 100, 100): ("adam", "klatt", "klatt2", "klatt3", "klatt4", "klatt5", "klatt6"),
        (101, 102, 100): ("benjamin",),
    },
    "muffled": {
        (95, 100, 95): ("anika",),
        (96, 97, 97): ("m8",),
        (120, 99, 116): ("steph", "steph2", "steph3"),
    },
}

#: The splits that the tracts of a kind go to, the longest first. The shortest is train as well:
#: like that of any large corpus, training hears both ends of each range.
DEAL = ("train", "test", "train", "train", "validation", "train")


class Tract(NamedTuple):
    """One vocal tract, and who speaks with it."""

    kind: str
    formants: tuple[int, int, int]
    variants: tuple[str, ...]


def tracts(kind: str) -> list[Tract]:
    """Those of *kind*, the longest first: it has the lowest formants."""
    found = (Tract(kind, formants, variants) for formants, variants in TRACTS[kind].items())
    return sorted(found, key=lambda tract: (sum(tract.formants), tract.formants))


def dealt(split: str) -> tuple[Tract, ...]:
    """The tracts that speak in *split*."""
    found = []
    for kind in TRACTS:
        *longer, shortest = tracts(kind)
        found += [each for each, goes in zip(longer, cycle(DEAL), strict=False) if goes == split]
        found += [shortest] if split == "train" else []
    return tuple(found)


#: Of each split; disjoint.
VOICES = {split: dealt(split) for split in ("train", "validation", "test")}
