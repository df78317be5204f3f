"""E-prop over many PEs, with ALIF or LIF neurons: Algorithm 2 of the paper; on one PE, Algorithm 1.

The parameter ``division`` says who does what: the same program everywhere (``synapse_based``), or a
program for each kind of neuron (``neuron_based``). Both leave the same bits in the weights.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from numpy.typing import NDArray

from firmware_models.eprop.all_reduce import RECEIVING, added_up, all_reduce
from firmware_models.eprop.network import gather
from firmware_models.eprop.network_slice import Learning
from firmware_models.eprop.neuron_based import NeuronBased
from firmware_models.eprop.parameters import EpropParameters
from firmware_models.eprop.synapse_based import SynapseBased
from spinn2sim.errors import SpecError
from spinn2sim.firmware import (
    CostTable,
    FirmwareParameters,
    PEContext,
    Program,
    SramLayout,
    WorkloadShape,
)

if TYPE_CHECKING:
    from firmware_models.eprop.training.learner import Learner


class Eprop:
    """The firmware of one PE; ``program`` is what its division has it do.

    ``approximations`` says why its gradient is not quite e-prop's.
    """

    Parameters: ClassVar[type[FirmwareParameters]] = EpropParameters

    forms: ClassVar[Mapping[str, float | None]] = {
        "reference": 0.0,
        "online": 0.0,
        "fast": 1e-5,
        "bptt": None,
    }
    """Forms of the arithmetic on the host, and how much of the largest entry of a gradient each
    may differ from this program. BPTT follows another one."""

    gather = staticmethod(gather)

    def __init__(self, parameters: EpropParameters, context: PEContext) -> None:
        _check_workload(parameters, context.workload)
        _check_batch(parameters, context.n_groups)
        self.approximations = parameters.approximations()
        self.program = (
            SynapseBased(parameters, context)
            if parameters.division == "synapse"
            else NeuronBased(parameters, context)
        )

    @classmethod
    def learner(
        cls, parameters: EpropParameters, *, n_timesteps: int, n_classes: int, seed: int, form: str
    ) -> Learner:
        """The whole network on the host.

        :raises SpecError: it has fewer outputs than there are classes, or no such form.
        """
        from firmware_models.eprop.training.learner import Learner, known_form

        _check_workload(parameters, WorkloadShape(1, n_timesteps, parameters.n_in, n_classes))
        return Learner(
            parameters,
            n_timesteps=n_timesteps,
            n_classes=n_classes,
            seed=seed,
            form=known_form(form),
        )

    @staticmethod
    def repeats(parameters: EpropParameters) -> str:
        """The form that does what the program does in each sample; empty if none does."""
        plain = not parameters.half_matrices  # others are faster PE by PE
        same = parameters.division == "synapse" and parameters.update_every == 1 and plain
        return "online" if same else ""

    @property
    def net(self) -> Learning:
        """What the PE computes."""
        return self.program.net

    def load_weights(self, weights: Mapping[str, NDArray[Any]]) -> None:
        """Begin with this PE's part of *weights*, the matrices of the whole network.

        :raises WeightsError: they are those of another network.
        """
        self.program.load_weights(weights)

    def main(self) -> Program:
        """Learn from one sample after the other."""
        return self.program.main()

    def own_part(self, gradient: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        """Copies of what is of the own neurons in *gradient*: that of ``Learner.take_batch``."""
        own = slice(self._sharing.net.own.start, self._sharing.net.own.stop)
        return {
            name: (array[own] if name in ("in", "rec") else array[:, own]).copy()
            for name, array in gradient.items()
        }

    def all_reduce(
        self, pe: PEContext, gradient: Mapping[str, NDArray[Any]], n_groups: int
    ) -> Program:
        """Add *gradient* up over all groups and make the step of the optimiser, as PE *pe* of all.

        Charges the step, which ``follow`` makes.
        """
        work = self._sharing.work
        yield from all_reduce(pe, gradient, work, n_groups)
        yield work.update

    @staticmethod
    def add_up(gradients: Sequence[Mapping[str, NDArray[Any]]]) -> dict[str, NDArray[Any]]:
        """The sum that ``all_reduce`` makes of the *gradients* of the whole network, by group."""
        return added_up(gradients)

    def follow(self, gradient: Mapping[str, NDArray[Any]]) -> None:
        """The step of the optimiser along the own part of the *gradient* of a mini-batch."""
        self._sharing.net.follow(gradient)

    @property
    def _sharing(self) -> SynapseBased:
        """The program, which can share a mini-batch."""
        assert isinstance(self.program, SynapseBased), "_check_batch refuses others"
        return self.program

    @property
    def layout(self) -> SramLayout:
        """Every array of this PE."""
        return self.program.layout

    @property
    def costs(self) -> CostTable:
        """The table that ``cost_table`` names, with the terms that the program spends."""
        return self.program.costs

    @property
    def sizes(self) -> Mapping[str, int]:
        """L own neurons, I inputs, R recurrent, O readout neurons; beside LIF ones, A own ALIF."""
        return self.program.sizes

    def readout(self) -> dict[str, NDArray[Any]]:
        """The weights that are here; ``gather`` puts those of all PEs together."""
        return self.program.readout()


def _check_batch(parameters: EpropParameters, n_groups: int) -> None:
    if n_groups == 1:
        return
    problems = []
    if parameters.batch_size != n_groups:
        problems.append(
            f"update_every = {parameters.update_every}: a mini-batch over {n_groups:,} groups of "
            f"PEs has a sample for each; set update_every to {n_groups}"
        )
    if parameters.division != "synapse":
        problems.append(
            f"division = {parameters.division}: groups share a mini-batch with division: synapse"
        )
    if elsewhere := sorted(RECEIVING & (parameters.far_matrices | parameters.half_matrices.keys())):
        problems.append(
            f"{', '.join(elsewhere)}: gradients of other groups are received there; keep it in the "
            f"own SRAM and in 32 bit"
        )
    if problems:
        raise SpecError("parameters", tuple(problems))


def _check_workload(parameters: EpropParameters, workload: WorkloadShape) -> None:
    problems = []
    if workload.n_in != parameters.n_in:
        problems.append(
            f"n_in = {parameters.n_in}: the workload has {workload.n_in} inputs per time step; "
            f"set n_in to {workload.n_in}"
        )
    if workload.n_classes > parameters.n_out:
        problems.append(
            f"n_out = {parameters.n_out}: the workload has {workload.n_classes} classes; "
            f"set n_out to {workload.n_classes} or more"
        )
    if problems:
        raise SpecError("parameters", tuple(problems))
