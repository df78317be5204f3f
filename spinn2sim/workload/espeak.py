"""A word, spoken by espeak-ng: the program, or the library that a wheel carries.

Each word is spoken by a process of its own. It has no random state then, so the same version says
the same word in the same way, whatever was said before.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from spinn2sim.errors import MissingFileError, WorkloadError
from spinn2sim.workload.audio import SAMPLE_RATE, decode, fit

PROGRAM = "espeak-ng"

#: The wheel that carries the library and its data, and the script that speaks with it.
WHEEL = "espeakng_loader"
WHEEL_SCRIPT = Path(__file__).with_name("espeak_wheel.py")

#: Of what is said, as much is kept; and as long may saying it take.
SECONDS, PATIENCE_S = 2.0, 60.0

#: What counts as the edge of a word, of its peak.
EDGE = 0.01


def find_espeak() -> tuple[str, ...]:
    """The command that options are added to: the program if it is installed, else the wheel.

    :raises MissingFileError: neither is; says how to get one.
    """
    program = shutil.which(PROGRAM)
    if program is not None:
        return (program,)
    try:
        wheel = import_module(WHEEL)
        library, voices = wheel.get_library_path(), wheel.get_data_path()
    except (ImportError, RuntimeError):
        remedy = (
            "install it (Debian: apt-get install espeak-ng), or the wheel that carries it "
            "(pip install espeakng-loader)"
        )
        raise MissingFileError("speech synthesiser", PROGRAM, remedy) from None
    return (sys.executable, "-I", "-S", str(WHEEL_SCRIPT), library, voices)


def espeak_version() -> str:
    """``1.51``. Another version may speak differently.

    :raises MissingFileError: there is no espeak-ng.
    :raises WorkloadError: it does not run.
    """
    version = re.search(r"\d+(\.\d+)+", _about())
    return version[0] if version else "unknown"


def voice_variants() -> frozenset[str]:
    """What may follow the + in a voice: any other is taken for the default, and nothing is said.

    :raises MissingFileError: there is no espeak-ng.
    :raises WorkloadError: it does not run, or its voices are not found.
    """
    folder = Path(_about().partition("Data at: ")[2].strip()) / "voices" / "!v"
    if not folder.is_dir():
        raise WorkloadError(PROGRAM, f"has no voices in {folder}; install it again")
    return frozenset(path.name for path in folder.iterdir())


def speak(word: str, *, voice: str, speed: int, pitch: int, size: int = 100) -> NDArray[np.float64]:
    """*word* without the silence around it: (n,) at 16 kHz, at most 2 s, full scale 1.

    voice: accent and variant, ``en-us+m3``; speed: words per minute; pitch: 0 to 99. size: percent
    that everything is moved up in frequency, and made faster, as by a smaller speaker. Of accent
    ``en-gb``, espeak-ng 1.51 ignores the variant; ``en`` is the same accent and does not.

    :raises MissingFileError: there is no espeak-ng.
    :raises WorkloadError: it fails.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "word.wav"
        options = ["-v", voice, "-s", str(speed), "-p", str(pitch), "-w", str(path), "--", word]
        _run([*find_espeak(), *options])
        samples = _fitted(path, size)
    loud = np.flatnonzero(np.abs(samples) > EDGE * np.abs(samples).max())
    if not loud.size:
        raise WorkloadError(PROGRAM, f"says nothing for {word!r} in voice {voice}")
    return np.asarray(samples[loud[0] : loud[-1] + 1], np.float64)


def _fitted(path: Path, size: int) -> NDArray[np.float32]:
    """What *path* holds at 16 kHz, as if it had been recorded at *size* percent of its rate."""
    spoken = decode(path.read_bytes(), path.name, seconds=SECONDS * size / 100)
    sized = replace(spoken, rate=round(spoken.rate * size / 100))
    return fit(sized, path.name, sample_rate=SAMPLE_RATE, seconds=SECONDS).samples


def _about() -> str:
    return _run([*find_espeak(), "--version"])


def _run(command: list[str]) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - the program is ours, no shell
            command, capture_output=True, check=True, timeout=PATIENCE_S, text=True
        )
    except (OSError, subprocess.SubprocessError) as error:
        said = (getattr(error, "stderr", "") or str(error)).strip().splitlines()
        raise WorkloadError(PROGRAM, f"cannot speak: {said[-1] if said else error}") from None
    return done.stdout
