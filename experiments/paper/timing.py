"""Cycles and seconds: of a step, an update, a sample, a training."""

from __future__ import annotations

from experiments.fit_paper_costs import EPROP
from experiments.paper import runs
from spinn2sim import Scenario, simulate
from spinn2sim.claims import Found
from spinn2sim.explore.largest import largest
from spinn2sim.explore.variant import Variant
from spinn2sim.feasibility import N_TIMED, largest_network, noise, relaxed
from spinn2sim.report import real_time
from spinn2sim.report.profile import clock_profile, label_cycles

HOUR_S, DAY_S = 3600, 86_400

#: Where to begin to look for the largest network; any number gives the same answer.
_GUESS = 80


def step_kcycles(*, table: str) -> float:
    """Busy cycles of a time step, mean over PEs."""
    return runs.on_table(table).cycles_per_step / 1e3


def eprop_percent(*, table: str) -> float:
    """Share of the e-prop function in them."""
    return 100 * runs.on_table(table).label_share["e_prop"]


def eprop_kcycles(*, table: str) -> float:
    """Cycles of the e-prop function in a time step."""
    return label_cycles(runs.costed(table), "e_prop", "step") / 1e3


def multiply_percent(*, table: str) -> float:
    """Share of multiplication in the e-prop function, where the table has it apart."""
    share = runs.on_table(table).multiply_share
    assert share is not None
    return 100 * share


def multiplying_loops_percent(*, table: str) -> Found:
    """Share of the loops over synapses that multiply at all in the e-prop function."""
    parts = {
        row.label.removeprefix("e_prop."): row.mean
        for row in clock_profile(runs.costed(table), parts=True)
        if row.label.startswith("e_prop.")
    }
    multiply = sum(cycles for part, cycles in parts.items() if EPROP[part][0])
    adding = ", ".join(part for part in parts if not EPROP[part][0])
    return Found(100 * multiply / sum(parts.values()), f"only adds: {adding}")


def update_over_step(*, table: str) -> float:
    """Cycles of the weight update by those of a time step."""
    return runs.on_table(table).update_over_step


def update_kcycles(*, table: str) -> float:
    """Cycles of the weight update."""
    return runs.on_table(table).cycles_per_update / 1e3


def learning_percent() -> Found:
    """Share of a step's cycles in functions that serve learning alone."""
    shares = runs.summary().label_share
    alone = ("e_prop", "pseudo_derivative")
    return Found(100 * sum(shares[label] for label in alone), ", ".join(alone))


def single_core(*, clock: str, table: str) -> Found:
    """The largest N_rec on one PE of the final chip that is in time, without weight update.

    All of its arrays are taken to be in the PE's own SRAM, fit or not.
    """
    found = largest_network(_single(clock, table))
    assert found.time_without_update is not None
    note = f"{found.time} with the update; memory ends at {found.memory}"
    return Found(found.time_without_update, note)


def single_core_among_neighbours(*, clock: str, table: str) -> Found:
    """The same with the arrays spread over the SRAM of its QPE."""
    scenario = _single(clock, table)

    def late_cycles(n_rec: int) -> int:
        sized = scenario.with_changes(parameters={**scenario.parameters, "n_rec": n_rec})
        with Variant(memory="neighbour").realised(relaxed(sized)) as wanted:
            return -int(real_time(simulate(wanted, noise(wanted, N_TIMED))).slack[:, 0].min())

    found = largest(late_cycles, _GUESS, scenario.n_pe)
    assert found is not None
    sram = scenario.chip.pe.sram
    read, write = sram.neighbour_read_cycles, sram.neighbour_write_cycles
    return Found(found, f"+{read} cycles to read and +{write} to write a word, guesses")


def _single(clock: str, table: str) -> Scenario:
    changes = (f"chip.pe.clock={clock}", f"parameters.cost_table={table}")
    return runs.scenario(runs.SINGLE, *changes, machine=runs.CHIP)


def overruns() -> Found:
    """Time steps that end late at the prototype's clock."""
    found = runs.summary()
    share = found.slack_cycles / found.period_cycles
    return Found(found.overruns, f"least slack {share:.0%} of a step")


def seconds_per_sample() -> float:
    """On the machine, for a second of speech."""
    found = runs.summary()
    return found.simulated_s / found.n_samples


def epoch_hours(*, n_samples: int, epochs: int = 1) -> float:
    """Hours of *epochs* of *n_samples*."""
    return seconds_per_sample() * n_samples * epochs / HOUR_S


def training_days(*, n_samples: int, epochs: int) -> float:
    """Days of all of them."""
    return epoch_hours(n_samples=n_samples, epochs=epochs) * HOUR_S / DAY_S


def times_the_gpu(*, n_samples: int, epochs: int, gpu_s: float) -> float:
    """Our time by the *gpu_s* seconds that the paper's GPU took."""
    return epoch_hours(n_samples=n_samples, epochs=epochs) * HOUR_S / gpu_s
