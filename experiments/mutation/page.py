"""docs/mutation.md: what the sample says of each area, and why its survivors live."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterable, Iterator

from experiments.mutation.areas import GRACE_SECONDS, HERE, SLOWER, TREE, areas
from experiments.mutation.results import Results, Trial

DOCS = TREE / "docs"

#: Of a normal distribution, for an interval of 95 %.
Z = 1.96

#: What an area is asked for.
WANTED = 0.85

PAGE = """\
# Mutation testing

A test that cannot fail proves nothing. So the code is broken on purpose, in one small place at a
time, and its tests must notice. Made by `make mutation`; {dates}, commit {commits}.

Mutants are those of [Cosmic Ray](https://cosmic-ray.readthedocs.io): another operator in arithmetic
or in a comparison, a number one higher or lower, a condition negated, a loop that is not entered,
a decorator removed, `break` for `continue`, another exception. Mutants of annotations are left out:
nothing reads them when a program runs. So are changes that are no
Python, which is found when their turn comes.

To try all mutants takes days on a small computer. Of each area a sample is drawn with a seed
(`experiments/mutation/areas.toml`, which also says which tests must notice), every mutant with the
same chance. The share of mutants killed has a 95 % interval (Wilson's) if not all were tried.
A mutant is *killed* if a test fails or the code cannot be imported, *timed out* if a test takes
more than {slower} times what it usually takes and {grace} s, or the memory of a trial is used up.
Time outs count as killed. *At first* is the share before tests were written for what had survived;
those tests were written with the survivors in view, so the later share says less about the mutants
that were not drawn, and the interval is only that of drawing. Wanted are {wanted:.0%} of each area:
where the interval begins below that, the sample alone does not show it.

Lines and texts are those of the commits above. Code that is younger, as the inside of the NoC
(decisions 0014 and 0015), is in no sample.

| area | mutants | tried | killed | timed out | survived | share killed | interval | at first | |
|---|---|---|---|---|---|---|---|---|---|
{rows}

{notes}

Not mutated: compiled kernels (`kernels.py`) and what they are laid out by (`layout.py`,
`hw/noc/fast/`), which are held to their references; `report/html/` and `report/publication/`, which
draw; what is not named in `areas.toml`.

The tests that run the mutated statement, as [coverage](https://coverage.readthedocs.io) sees them
without a mutant, come first and the quickest of them before the others; what they leave alive is
put before the others that run anything of its file or read the sources, and before all tests of the
area if it runs at import. What a mutant cannot have changed is imported once for all trials.
Properties (Hypothesis) draw the same examples in each trial, without shrinking. Slow tests
do not take part, nor what `areas.toml` leaves out for its length; a mutant that only those would
notice counts as a survivor. Sizes of samples were set by the clock, not by what came out.

## What survived, and why

{survivors}

## Run it yourself

```sh
make mutation                                           # goes on where it was stopped
python -m experiments.mutation run --again              # what survived, after tests were added
python -m experiments.mutation run --area units         # one area
```

Results stand in `experiments/mutation/results.jsonl`, reasons in `reasons.toml` beside it.
Remove the results to begin anew; raise `sample` in `areas.toml` to go on with a larger one.
"""


def page() -> str:
    """The page, from the results alone."""
    results = Results.read()
    tried = [trial for trial in results.trials.values() if trial.verdict != "invalid"]
    return PAGE.format(
        dates=_said(trial.date for trial in tried),
        commits=_said(trial.commit for trial in tried),
        slower=SLOWER,
        grace=GRACE_SECONDS,
        wanted=WANTED,
        rows="\n".join(_rows(results, tried)),
        notes=_reasons()["notes"].strip(),
        survivors="\n\n".join(_survivors(tried)),
    )


def interval(n_killed: int, n: int) -> tuple[float, float]:
    """Wilson's interval of 95 % for a share of which *n_killed* of *n* is the estimate."""
    share, spread = n_killed / n, Z * Z / n
    middle = share + spread / 2
    half = Z * math.sqrt((share * (1 - share) + spread / 4) / n)
    return (middle - half) / (1 + spread), (middle + half) / (1 + spread)


def _said(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" if "-" not in word else word for word in sorted(set(words)))


def _rows(results: Results, tried: list[Trial]) -> Iterator[str]:
    for area in areas():
        n = {
            verdict: sum(t.area == area.name and t.verdict == verdict for t in tried)
            for verdict in ("killed", "timeout", "survived")
        }
        n_tried = sum(n.values())
        if n_tried == 0:
            yield f"| {area.name} | | 0 | | | | | | | not tried yet |"
            continue
        n_mutants, n_killed = results.n_mutants[area.name], n_tried - n["survived"]
        # Changes that are no Python are only found when their turn comes.
        n_mutants -= _n_invalid(results, area.name)
        n_first = sum(t.area == area.name and t.address in results.survived_at_first for t in tried)
        low, high = interval(n_killed, n_tried)
        unfinished = "sample not finished" if n_tried < min(area.sample, n_mutants) else ""
        spread = "all tried" if n_tried == n_mutants else f"{low:.0%} to {high:.0%}"
        enough = unfinished if n_killed >= WANTED * n_tried else f"below {unfinished}".strip()
        yield (
            f"| {area.name} | {n_mutants} | {n_tried} | {n['killed']} | {n['timeout']} "
            f"| {n['survived']} | {n_killed / n_tried:.0%} | {spread} "
            f"| {1 - n_first / n_tried:.0%} | {enough} |"
        )


def _n_invalid(results: Results, area: str) -> int:
    return sum(t.area == area and t.verdict == "invalid" for t in results.trials.values())


def _reasons() -> dict:
    return tomllib.loads((HERE / "reasons.toml").read_text())


def _survivors(tried: list[Trial]) -> Iterator[str]:
    reasons = _reasons()["survivors"]
    for area in areas():
        living = [t for t in tried if t.area == area.name and t.verdict == "survived"]
        if not living:
            continue
        yield f"### {area.name}"
        yield "\n".join(
            [
                "| where | is | becomes | why it lives |",
                "|---|---|---|---|",
                *(
                    f"| `{t.file.removeprefix('spinn2sim/')}:{t.line}` | {_code(t, '-')} "
                    f"| {_code(t, '+')} | {reasons.get(t.address, 'not looked at yet')} |"
                    for t in sorted(living, key=lambda t: (t.file, t.line, t.operator))
                ),
            ]
        )


def _code(trial: Trial, sign: str) -> str:
    text = trial.changed(sign).split("  #")[0].replace("|", "\\|")
    return f"`` {text} ``" if text else "(removed)"
