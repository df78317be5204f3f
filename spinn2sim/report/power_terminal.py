"""Power and energy on a terminal, within 80 columns."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from spinn2sim.report.energy import energy
from spinn2sim.report.power import PowerReport
from spinn2sim.report.table_terminal import print_table, titled_table
from spinn2sim.report.training_energy import TrainingEnergy
from spinn2sim.trace import Trace

#: Rows of a table of windows; of a longer one the ends are printed.
MAX_WINDOWS = 20


def print_power(console: Console, trace: Trace, found: PowerReport) -> None:
    """Both models, then the chip model by part, over time, by PE, level and function."""
    joules = energy(trace)
    for model, total in joules.by_model().items():
        if joules.duration_s:
            mean = total / joules.duration_s * 1e3
            console.print(
                Text(f"{model} model  {total:.4g} J in {joules.duration_s:.4g} s, {mean:.4g} mW")
            )
    _print_parts(console, trace)
    _print_windows(console, found)
    _print_pes(console, found)
    if trace.tables["levels"]["pe"].size:
        _print_levels(console, found)
    table = titled_table("Busy cycles by function", "function", "mJ", "share")
    for row in found.functions:
        table.add_row(row.label, f"{row.joules * 1e3:.4g}", f"{row.share:.1%}")
    print_table(console, table)


def print_training(console: Console, found: TrainingEnergy) -> None:
    """The whole training, model by model, beside the published one."""
    paper = found.published
    title = (
        f"Training: {paper.n_epochs} epochs of {paper.n_training_samples:,} samples, "
        f"{found.training_s / 3600:,.1f} h on the machine"
    )
    table = titled_table(title, "model", "J per sample", "kJ per epoch", "kJ in all", "against")
    for row in found.rows:
        table.add_row(
            row.model,
            f"{row.sample_j:.4g}",
            f"{row.epoch_j / 1e3:.4g}",
            f"{row.training_j / 1e3:.1f}",
            f"{row.times_less:.1f}x less"
            if row.times_less >= 1
            else f"{1 / row.times_less:.1f}x more",
        )
    table.add_section()
    table.add_row(paper.name, "", "", f"{paper.energy_kj:g}", paper.source)
    print_table(console, table)


def _print_parts(console: Console, trace: Trace) -> None:
    joules = energy(trace)
    table = titled_table(f"Chip model by part, level {joules.level}", "part", "mJ", "mW", "share")
    parts = {
        "chip with PEs off": joules.baseline_j,
        "PEs asleep": joules.sleep_j,
        "busy cycles": joules.cycles_j,
        "NoC flit-hops": joules.noc_j,
    }
    if joules.n_chips > 1:
        parts = {f"{joules.n_chips} chips with PEs off": parts.pop("chip with PEs off"), **parts}
        parts["links between chips"] = joules.link_j
    if joules.n_dram_bits:
        parts["DRAM"] = joules.dram_j
    for name, part in parts.items():
        if joules.duration_s:
            watts = part / joules.duration_s
            share = part / joules.chip_j
            table.add_row(name, f"{part * 1e3:.4g}", f"{watts * 1e3:.4g}", f"{share:.1%}")
    print_table(console, table)


def _print_windows(console: Console, found: PowerReport) -> None:
    title = f"Power in windows of {found.window_s * 1e3:g} ms, mW"
    table = titled_table(
        title, "from ms", "chip", "PEs asleep", "busy", "busiest PE", "least busy PE"
    )
    windows = range(len(found.start_s))
    shown = set(windows[: MAX_WINDOWS // 2]) | set(windows[-MAX_WINDOWS // 2 :])
    for n in windows:
        if n in shown:
            busy = found.busy_mw[n]
            cells = (found.chip_mw[n], found.sleep_mw[n].sum(), busy.sum(), busy.max(), busy.min())
            table.add_row(f"{found.start_s[n] * 1e3:g}", *(f"{cell:.2f}" for cell in cells))
        elif n - 1 in shown:
            table.add_row("...", *[""] * 5)
    print_table(console, table)


def _print_pes(console: Console, found: PowerReport) -> None:
    table = titled_table("PEs", "", "asleep mJ", "busy mJ")
    total = found.sleep_j + found.busy_j
    if not total.size:
        return
    for name, pe in (("least", int(total.argmin())), ("most", int(total.argmax()))):
        sleep, busy = found.sleep_j[pe] * 1e3, found.busy_j[pe] * 1e3
        table.add_row(f"{name}: PE {pe}", f"{sleep:.4g}", f"{busy:.4g}")
    sleep, busy = found.sleep_j.mean() * 1e3, found.busy_j.mean() * 1e3
    table.add_row(f"mean of {len(total)}", f"{sleep:.4g}", f"{busy:.4g}")
    print_table(console, table)


def _print_levels(console: Console, found: PowerReport) -> None:
    table = titled_table(
        "PEs by performance level", "level", "time", "busy cycles", "asleep mJ", "busy mJ"
    )
    for row in found.levels:
        sleep, busy = row.sleep_j * 1e3, row.busy_j * 1e3
        table.add_row(
            row.level, f"{row.share:.1%}", f"{row.cycles:,}", f"{sleep:.4g}", f"{busy:.4g}"
        )
    print_table(console, table)
