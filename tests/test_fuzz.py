"""Fuzz: 240 damaged audio, list, checkpoint and YAML files; each is used, skipped or refused."""

import io
import json
import os
import random
import shutil
import signal
import zipfile
from collections import Counter
from contextlib import contextmanager

import numpy as np
import pytest
import soundfile

from firmware_models.eprop.work import FOLDER
from spinn2sim.errors import Spinn2SimError
from spinn2sim.firmware.cost import load_cost_table
from spinn2sim.spec import load_scenario
from spinn2sim.training import checkpoint
from spinn2sim.training.checkpoint import BEST, LAST
from spinn2sim.training.folder import PLAN, SCENARIO, Plan, begin, reopen
from spinn2sim.training.loop import train
from spinn2sim.workload.speech_commands import load_corpus
from tests.training.samples import SILENT, job_of

N_OF_EACH = 60
SECONDS = 10

#: What takes the place of a value: every kind of JSON, and numbers beyond some range.
WILD = (
    *(None, True, -1, 0, 1.5, 10**40, 2**63, float("nan"), float("inf"), "", "x", "\ud800"),
    *("9" * 5_000, [], {}, [None], [[0]], {"a": 1}, [1] * 9, [[[[[[[[]]]]]]]]),
)

#: How often a kind of damage was harmless, skipped or refused.
ENDS = Counter()


@contextmanager
def no_longer_than(seconds):
    """Whatever hangs in the body fails."""

    def stop(*_):
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def damaged(content, rng):
    """*content* cut, flipped, overwritten, moved, or something else altogether."""
    found = bytearray(content)
    at, n = rng.randrange(len(found)), rng.randrange(1, 200)
    match rng.randrange(7):
        case 0:
            del found[at:]
        case 1:
            del found[at : at + n]
        case 2:
            for _ in range(n):
                found[rng.randrange(len(found))] ^= 1 << rng.randrange(8)
        case 3:
            found[rng.randrange(min(64, len(found)))] = rng.randrange(256)
        case 4:
            found[at : at + n] = bytes(n)
        case 5:
            found[at:at] = rng.randbytes(n)
        case _:
            found = rng.choice([b"", b"\0", rng.randbytes(n), bytes(10**5), b"{" * 10**4, b"\xff"])
    return bytes(found)


def harm(path, rng):
    """Damage the file *path*, or put something that is no such file in its place."""
    content = path.read_bytes()
    match rng.randrange(12):
        case 0:
            path.unlink()
            path.mkdir()
        case 1:
            path.unlink()
            path.symlink_to(path)
        case 2:
            path.unlink()
            os.mkfifo(path)
        case 3:
            path.write_bytes(content.decode("latin-1").encode("utf-16"))
        case _:
            path.write_bytes(damaged(content, rng))


def seeded(kind, number):
    return random.Random(f"{kind} {number}")  # noqa: S311 - damage is no secret


def end(use, *arguments):
    """``used``, ``skipped`` or ``refused``; whatever is no error of ours goes through."""
    try:
        with no_longer_than(SECONDS):
            return use(*arguments)
    except Spinn2SimError as error:
        message = str(error)
    assert message.strip()
    assert len(message) < 3_000
    return "refused"


# Audio and lists


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    root = tmp_path_factory.mktemp("corpus")
    rng = np.random.default_rng(0)
    for name in ("yes/a.wav", "yes/b.flac", "no/c.wav", "bed/d.wav", "_background_noise_/e.wav"):
        (root / name).parent.mkdir(exist_ok=True)
        n = 40_000 if name.startswith("_") else 16_000
        soundfile.write(root / name, rng.normal(size=n) / 10, 16_000)
    (root / "validation_list.txt").write_text("yes/a.wav\nno/c.wav\n")
    (root / "testing_list.txt").write_text("bed/d.wav\n")
    return root


def load(root):
    found = load_corpus(root)
    n_files = found.counts.clips + found.counts.corrupt + found.counts.skipped
    assert n_files >= 4, found.counts  # Of five clips and two lists nothing is lost uncounted.
    assert found.counts.corrupt == len(found.problems)
    return "skipped" if found.counts.corrupt or found.counts.missing else "used"


def harm_in_corpus(corpus, folder, names, rng):
    shutil.copytree(corpus, folder)
    path = folder / rng.choice(names)
    harm(path, rng)
    return folder


def audio(number, corpus, folder, _):
    rng = seeded("audio", number)
    names = ("yes/a.wav", "yes/b.flac", "_background_noise_/e.wav")
    return end(load, harm_in_corpus(corpus, folder / "corpus", names, rng))


def lists(number, corpus, folder, _):
    rng = seeded("list", number)
    names = ("validation_list.txt", "testing_list.txt")
    return end(load, harm_in_corpus(corpus, folder / "corpus", names, rng))


# Checkpoints


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("trained") / "seed-1"
    train(job_of(folder, n_epochs=1), SILENT)
    return folder


def resume(folder):
    train(job_of(folder, n_epochs=2), SILENT)  # One more epoch, so that all of it is used.
    return "used"


def forge(path, rng):
    """Change a checkpoint as its maker could have: with a digest that fits."""
    with zipfile.ZipFile(path) as archive:
        arrays = {
            name.removesuffix(".npy"): np.load(io.BytesIO(archive.read(name)))
            for name in archive.namelist()
        }
    head = json.loads(arrays.pop("head").tobytes())
    if rng.random() < 0.5:
        _replace_one(head, rng)
    else:
        name = rng.choice(["order", rng.choice(sorted(arrays))])
        arrays[name] = _other_array(arrays[name], rng)
    head.pop("digest", None)
    head["digest"] = checkpoint._digest(head, arrays)
    with path.open("wb") as file:
        np.savez(file, head=np.frombuffer(json.dumps(head).encode(), np.uint8), **arrays)


def _replace_one(value, rng):
    """Replace something somewhere in *value*, a list or a mapping."""
    keys = list(range(len(value))) if isinstance(value, list) else list(value)
    if not keys:
        return
    key = rng.choice(keys)
    if isinstance(value[key], list | dict) and value[key] and rng.random() < 0.7:
        _replace_one(value[key], rng)
    else:
        value[key] = rng.choice(WILD)


def _other_array(array, rng):
    match rng.randrange(6):
        case 0:
            return array.astype(np.float64)
        case 1:
            return array.astype(str)
        case 2:
            return array.reshape(-1)[:-1]
        case 3:
            return array + np.ones((), array.dtype)
        case 4:
            return np.zeros((2, 0, 3), array.dtype)
        case _:
            return np.full_like(array, 10**9)


def checkpoints(number, _, folder, trained):
    rng = seeded("checkpoint", number)
    shutil.copytree(trained, folder / "seed-1")
    path = folder / "seed-1" / rng.choice([BEST, LAST])
    (forge if number % 2 else harm)(path, rng)
    return end(resume, folder / "seed-1")


# YAML


def _open_yaml(path):
    match path.name:
        case "table.yaml":
            load_cost_table(str(path), FOLDER)
        case "scenario.yaml" | "plan.json":
            reopen(path.parent)
        case _:
            load_scenario(path)
    return "used"


def yaml(number, _, folder, __):
    rng = seeded("yaml", number)
    scenario = load_scenario(preset="paper-12pe")
    begin(folder / "run", scenario, Plan(source="embedded", form="fast", epochs=1))
    shutil.copy(folder / "run" / SCENARIO, folder / "run" / "other.yaml")
    shutil.copy(FOLDER / "paper.yaml", folder / "run" / "table.yaml")
    path = folder / "run" / rng.choice([SCENARIO, PLAN, "other.yaml", "table.yaml"])
    if number % 2:
        lines = path.read_text().splitlines()
        place = rng.randrange(len(lines))
        key, colon, _ = lines[place].partition(":")
        lines[place] = f"{key}{colon} {json.dumps(rng.choice(WILD))}"
        path.write_text("\n".join(lines))
    else:
        harm(path, rng)
    return end(_open_yaml, path)


@pytest.mark.parametrize("kind", [audio, lists, checkpoints, yaml])
@pytest.mark.parametrize("number", range(N_OF_EACH))
def test_a_damaged_file_is_used_skipped_or_refused(kind, number, corpus, trained, tmp_path):
    ENDS[kind, kind(number, corpus, tmp_path, trained)] += 1


def test_neither_all_damage_is_harmless_nor_all_is_refused():
    if sum(ENDS.values()) < 4 * N_OF_EACH:
        pytest.skip("counts the files of the test above, which another process has seen")
    assert 4 * N_OF_EACH >= 200
    for kind in (audio, lists, checkpoints, yaml):
        assert ENDS[kind, "used"] < N_OF_EACH
    assert ENDS[audio, "skipped"] > N_OF_EACH / 3
    assert ENDS[checkpoints, "refused"] > N_OF_EACH / 2
    assert ENDS[yaml, "refused"] > N_OF_EACH / 2
