"""The program espeak-ng, as far as it is needed, over the library in the wheel ``espeakng-loader``.

Run as a script, and without site packages so that it starts fast::

    python -I -S espeak_wheel.py LIBRARY DATA -v VOICE -s SPEED -p PITCH -w FILE -- WORD
"""

from __future__ import annotations

import argparse
import ctypes
import os
import sys
import wave
from typing import ClassVar

# From espeak-ng's speak_lib.h.
_SYNCHRONOUS = 2
_DO_NOT_EXIT = 0x8000
_RATE, _PITCH = 1, 3
_UTF8 = 1
_OK = 0


def main(arguments: list[str]) -> int:
    """Speak one word into a file. Returns the exit code: 1 if the library refuses."""
    parser = argparse.ArgumentParser()
    parser.add_argument("library")
    parser.add_argument("data")
    parser.add_argument("-v", dest="voice", default="en-us")
    parser.add_argument("-s", dest="speed", type=int, default=175)
    parser.add_argument("-p", dest="pitch", type=int, default=50)
    parser.add_argument("-w", dest="file")
    parser.add_argument("--version", action="store_true")
    parser.add_argument("word", nargs="?", default="")
    chosen = parser.parse_intermixed_args(arguments)
    espeak = ctypes.CDLL(chosen.library)
    rate = espeak.espeak_Initialize(_SYNCHRONOUS, 0, os.fsencode(chosen.data), _DO_NOT_EXIT)
    if rate <= 0:
        return _fail(f"no espeak-ng data in {chosen.data}")
    if chosen.version:
        espeak.espeak_Info.restype = ctypes.c_char_p
        version = espeak.espeak_Info(None).decode()
        # As the program has it.
        print(f"eSpeak NG text-to-speech: {version}  Data at: {chosen.data}")  # noqa: T201
        return 0
    if not _set_voice(espeak, chosen.voice.encode()):
        return _fail(f"unknown voice {chosen.voice}")
    espeak.espeak_SetParameter(_RATE, chosen.speed, 0)
    espeak.espeak_SetParameter(_PITCH, chosen.pitch, 0)
    with wave.open(chosen.file, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(_spoken(espeak, chosen.word))
    return 0


class _Voice(ctypes.Structure):
    """espeak_VOICE of espeak-ng's speak_lib.h."""

    _fields_: ClassVar = [
        *((name, ctypes.c_char_p) for name in ("name", "languages", "identifier")),
        *((name, ctypes.c_ubyte) for name in ("gender", "age", "variant", "xx1")),
        ("score", ctypes.c_int),
        ("spare", ctypes.c_void_p),
    ]


def _set_voice(espeak: ctypes.CDLL, voice: bytes) -> bool:
    """By its name, else by its language: what the program does."""
    if espeak.espeak_SetVoiceByName(voice) == _OK:
        return True
    wanted = _Voice(languages=voice)
    return bool(espeak.espeak_SetVoiceByProperties(ctypes.byref(wanted)) == _OK)


def _spoken(espeak: ctypes.CDLL, word: str) -> bytes:
    """16-bit samples."""
    heard: list[bytes] = []

    def hear(samples: int | None, n_samples: int, _events: int | None) -> int:
        if samples and n_samples > 0:
            heard.append(ctypes.string_at(samples, 2 * n_samples))
        return 0

    callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)(hear)
    espeak.espeak_SetSynthCallback(callback)
    text = word.encode()
    espeak.espeak_Synth.argtypes = [
        *(ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint, ctypes.c_int, ctypes.c_uint),
        *(ctypes.c_uint, ctypes.c_void_p, ctypes.c_void_p),
    ]
    espeak.espeak_Synth(text, len(text) + 1, 0, 0, 0, _UTF8, None, None)
    espeak.espeak_Synchronize()
    return b"".join(heard)


def _fail(problem: str) -> int:
    sys.stderr.write(f"{problem}\n")
    return 1


if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.stdout.flush()
    os._exit(code)  # the library's own clean-up can wait for ever
