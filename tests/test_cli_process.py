"""The command line as a process: pipes, full disks, signals."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import soundfile

ROOT = Path(__file__).parents[1]
SLOW = """\
from pathlib import Path
from time import sleep

from firmware_models.ping import Ping


class Slow(Ping):
    def main(self):
        if self.pe.pe == 0:
            Path("started").touch()
            sleep(300)
        yield from super().main()
"""
COMMAND = "import spinn2sim.cli as c; c.main()"


def process(*arguments, folder, stdout=subprocess.PIPE, command=COMMAND):
    """The command line as a process of its own in *folder*."""
    return subprocess.Popen(  # noqa: S603 - our own command line
        [sys.executable, "-c", command, *map(str, arguments)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "80"},
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_reader_that_leaves_ends_the_output_without_a_word(tmp_path):
    """As `| head -1` does."""
    reading, writing = os.pipe()
    os.close(reading)
    running = process("schema", folder=tmp_path, stdout=writing)
    os.close(writing)
    _, err = running.communicate()
    assert (running.returncode, err) == (0, "")


def test_a_full_disk_behind_standard_output_is_one_message(tmp_path):
    with Path("/dev/full").open("w") as full:
        running = process("presets", folder=tmp_path, stdout=full)
        _, err = running.communicate()
    assert (running.returncode, err) == (
        2,
        (
            "error: output (standard output): cannot be written (No space left on device); make "
            "room for it\n"
        ),
    )


def test_a_signal_from_the_keyboard_ends_a_long_run(tmp_path, ping_yaml):
    (tmp_path / "mine.py").write_text(SLOW)
    mine = ping_yaml.read_text().replace("firmware_models.ping:Ping", "mine:Slow")
    (tmp_path / "mine.yaml").write_text(mine)
    soundfile.write(tmp_path / "tone.wav", [0.0, 0.1, -0.1] * 5_000, 16_000)
    running = process("run", "mine.yaml", "--audio", "tone.wav", folder=tmp_path)
    deadline = time.monotonic() + 120
    while not (tmp_path / "started").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=60)
    assert (running.returncode, out, err) == (130, "", "interrupted\n")
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(("stream", "code"), [("stdout", 0), ("stderr", 2)])
def test_a_stream_that_the_caller_has_closed_changes_nothing_else(tmp_path, stream, code):
    """As ``>&-`` does; Python has None in its place then."""
    arguments = ("presets",) if stream == "stdout" else ("explain", "nowhere")
    closing = (
        f"import os; os.close({1 if stream == 'stdout' else 2}); import sys; sys.{stream} = None"
    )
    running = process(*arguments, folder=tmp_path, command=f"{closing}; {COMMAND}")
    out, err = running.communicate()
    assert (running.returncode, out, err) == (code, "", "")
