"""Run the what-if sweeps of the paper's section 6 and draw a figure of each.

    python experiments/what_if.py docs/images

What the store knows is not computed again. ``docs/what_if.md`` says what the figures show.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import polars as pl

import spinn2sim
from spinn2sim.report.boundary import Curve, Panel, draw_panels

SWEEPS = Path(__file__).parent / "sweeps"

CLOCK, N_PE, LIMIT, TIME = "chip.pe.clock", "n_pe", "n_rec_limit", "n_rec_time"
READ = "chip.pe.sram.neighbour_read_cycles"


def main(folder: Path) -> None:
    """Run and draw all of them into *folder*."""
    folder.mkdir(parents=True, exist_ok=True)
    for draw in (accelerator, neighbour, half_words, larger_networks, learn_when_needed):
        draw(folder)


def accelerator(folder: Path) -> None:
    """N_rec over the share of the e-prop cycles that is left."""
    table = run("what_if_accelerator")
    share = "costs.e_prop"
    panels = [
        Panel(f"{n_pe} PE" if n_pe == 1 else f"{n_pe} PEs", by_clock(part, share, with_time=True))
        for n_pe, part in parts(table, N_PE)
    ]
    draw_panels(
        panels,
        folder / "what_if_accelerator.png",
        title="What if e-prop took a share of its cycles (dashed: if memory were no limit)",
        x_label="share of the e-prop cycles left",
        y_label="largest N_rec",
        log_x=True,
    )


def neighbour(folder: Path) -> None:
    """N_rec over PEs with local memory and with that of idle neighbours."""
    table = run("what_if_neighbour")
    curves = [
        curve(part, N_PE, LIMIT, name)
        for name, wanted in (
            ("local", pl.col("memory") == "local"),
            ("neighbour, +2 / +1 cycles", (pl.col("memory") == "neighbour") & (pl.col(READ) == 2)),
            ("neighbour, +4 / +1 cycles", (pl.col("memory") == "neighbour") & (pl.col(READ) == 4)),
            ("neighbour, +8 / +4 cycles", (pl.col("memory") == "neighbour") & (pl.col(READ) == 8)),
        )
        for part in [table.filter(wanted)]
    ]
    draw_panels(
        [Panel("150 MHz; read / write of a far word", curves)],
        folder / "what_if_neighbour.png",
        title="What if idle neighbours lent their SRAM",
        x_label="PEs at work",
        y_label="largest N_rec",
    )


def half_words(folder: Path) -> None:
    """N_rec over PEs with words of 32 and 16 bits."""
    table = run("what_if_16bit")
    size, share = "chip.pe.sram.data_bytes", "costs.e_prop"
    curves = []
    for name, n_bytes, factor in (
        ("32 bits", 96, 1.0),
        ("16 bits", 168, 1.0),
        ("16 bits, e-prop at half the cycles", 168, 0.5),
    ):
        wanted = (pl.col(size) == n_bytes * 1024) & (pl.col(share) == factor)
        curves.append(curve(table.filter(wanted), N_PE, LIMIT, name))
    draw_panels(
        [Panel("150 MHz, local SRAM", curves)],
        folder / "what_if_16bit.png",
        title="What if weights and traces had 16 bits",
        x_label="PEs",
        y_label="largest N_rec",
    )


def larger_networks(folder: Path) -> None:
    """N_rec over PEs at three clocks."""
    table = run("what_if_larger_networks")
    draw_panels(
        [Panel("local SRAM", by_clock(table, N_PE, with_time=True))],
        folder / "what_if_larger_networks.png",
        title="What if more PEs took a larger network (dashed: if memory were no limit)",
        x_label="PEs",
        y_label="largest N_rec",
    )


def learn_when_needed(folder: Path) -> None:
    """Power over the share of samples that are learned."""
    table = run("what_if_learn_when_needed")
    panels = [
        Panel(title, by_clock(table, "costs.e_prop", column))
        for title, column in (
            ("whole chip, measured levels", "power_chip_mw"),
            ("the paper's figure for a core", "power_paper_mw"),
        )
    ]
    draw_panels(
        panels,
        folder / "what_if_learn_when_needed.png",
        title="What if it learned from a part of what it hears: paper network on 12 PEs",
        x_label="share of samples that are learned",
        y_label="power (mW)",
    )


def run(name: str) -> pl.DataFrame:
    """The table of the sweep *name*."""
    table = spinn2sim.sweep(SWEEPS / f"{name}.yaml")
    bad = table.filter(pl.col("status") != "done")
    assert bad.is_empty(), bad["error"].to_list()
    return table


def by_clock(
    table: pl.DataFrame, x: str, y: str = LIMIT, *, with_time: bool = False
) -> Sequence[Curve]:
    """A curve of *y* over *x* for each clock, and a thin one of the limit by time."""
    curves = []
    for clock, part in parts(table, CLOCK):
        label = f"{clock / 1e6:g} MHz"
        curves.append(curve(part, x, y, label))
        if with_time:
            curves.append(curve(part, x, TIME, f"{label}, time", thin=True))
    return curves


def parts(table: pl.DataFrame, name: str) -> list[tuple[int, pl.DataFrame]]:
    """The rows of *table* for each value of the column *name*."""
    values = table[name].unique(maintain_order=True).to_list()
    return [(value, table.filter(pl.col(name) == value)) for value in values]


def curve(table: pl.DataFrame, x: str, y: str, label: str, *, thin: bool = False) -> Curve:
    """Column *y* over column *x*."""
    ordered = table.sort(x)
    return Curve(label, ordered[x].to_list(), ordered[y].to_list(), thin=thin)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/images"))
