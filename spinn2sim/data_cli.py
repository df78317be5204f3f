"""The commands ``spinn2sim data``: make a corpus of speech, and see what one holds."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from spinn2sim.command_line import AsJson, print_json

if TYPE_CHECKING:
    from spinn2sim.workload.progress import Progress
    from spinn2sim.workload.speech_commands import Corpus

#: In the order in which they are shown.
SPLITS = ("train", "validation", "test")

data_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@data_app.callback()
def about() -> None:
    """Make or inspect a corpus of spoken words to train on.

    The real one is Google Speech Commands v0.01, published with TensorFlow as
    speech_commands_v0.01.tar.gz (1.4 GB); v0.02 has the same layout. Fetch it yourself: spinn2sim
    never uses the network. The .tar.gz can be used as it is, or the folder that it unpacks to.
    Without it, `spinn2sim data synth` makes a corpus of the same shape with espeak-ng.
    """


@data_app.command()
def synth(
    out: Annotated[Path, typer.Option(help="Folder to make; must not exist yet.")],
    *,
    per_class: Annotated[
        int, typer.Option(help="Clips of each of the ten words; 540 give 5,200 / 650 / 1,170.")
    ] = 540,
    seed: Annotated[int, typer.Option(help="Of voices, noise and placement.")] = 1,
    workers: Annotated[int | None, typer.Option(help="Processes [default: one a core].")] = None,
    as_json: AsJson = False,
) -> None:
    """Make a corpus in the shape of Speech Commands with espeak-ng.

    Voices differ between train, validation and test; noise comes within 5 dB of the words. The
    same seed and version of espeak-ng give the same files.

    \b
    spinn2sim data synth --out corpus --per-class 540 --seed 1
    """
    from spinn2sim.workload.synthesis import synthesise

    with _progress() as progress:
        n = synthesise(out, per_class=per_class, seed=seed, workers=workers, progress=progress)
    if as_json:
        print_json("data-synth", {"n_clips": n, "folder": str(out)})
        return
    typer.echo(f"{n:,} clips in {out}; silence is cut from {out}/_background_noise_ on loading")


@data_app.command()
def show(
    source: Annotated[Path, typer.Argument(metavar="DIR_OR_TAR", help="Folder or .tar.gz.")],
    *,
    seed: Annotated[int, typer.Option(help="Of the cuts of silence.")] = 0,
    balance_unknown: Annotated[
        bool, typer.Option("--balance-unknown", help="As many unknown words as of each word.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List classes, splits, counts and every file that cannot be read.

    \b
    spinn2sim data show speech_commands_v0.01.tar.gz
    """
    from spinn2sim.workload.speech_commands import load_corpus

    with _progress() as progress:
        corpus = load_corpus(source, seed=seed, balance_unknown=balance_unknown, progress=progress)
    if as_json:
        print_json("data-show", _content(corpus))
        return
    for line in _lines(corpus):
        typer.echo(line)


def _by_split(corpus: Corpus) -> dict[str, Counter[str]]:
    """Clips of each class, by split."""
    return {name: Counter(each.label for each in corpus.split(name)) for name in SPLITS}


def _content(corpus: Corpus) -> dict[str, Any]:
    counted = _by_split(corpus)
    return {
        "classes": {
            label: {name: labels[label] for name, labels in counted.items()}
            for label in corpus.classes
        },
        "counts": corpus.counts._asdict(),
        "notes": list(corpus.notes),
        "problems": list(corpus.problems),
    }


def _lines(corpus: Corpus) -> Iterator[str]:
    counted = _by_split(corpus).values()
    yield f"{'class':<12}{'train':>10}{'validation':>12}{'test':>10}"
    for label in corpus.classes:
        train, validation, test = (labels[label] for labels in counted)
        yield f"{label:<12}{train:>10,}{validation:>12,}{test:>10,}"
    train, validation, test = (labels.total() for labels in counted)
    yield f"{'all':<12}{train:>10,}{validation:>12,}{test:>10,}"
    yield ""
    for kind, n in corpus.counts._asdict().items():
        yield f"{kind.replace('_', ' '):<18}{n:>10,}"
    if corpus.notes:
        yield ""
    yield from corpus.notes
    if corpus.problems:
        yield ""
        yield "files that cannot be read:"
    yield from corpus.problems


@contextmanager
def _progress() -> Iterator[Progress]:
    """A bar on standard error, if that is a terminal; gone when the work is done."""
    from spinn2sim.workload.progress import silent

    if not sys.stderr.isatty():
        yield silent
        return
    from rich.console import Console
    from rich.progress import MofNCompleteColumn, Progress, TimeRemainingColumn

    columns = (*Progress.get_default_columns()[:2], MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda doing, n_done, n_all: bar.update(
            task, description=doing, completed=n_done, total=n_all
        )
