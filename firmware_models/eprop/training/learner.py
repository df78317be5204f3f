"""The whole network on the host: learns sample by sample what the chip would learn.

A Learner owns one slice with all neurons, so its arrays, output, error and Adam are the firmware's
own. Forms of the arithmetic differ only in how they come to the eligibility sums of a sample:

- ``reference``: equation by equation, time step by time step, plain NumPy;
- ``online``: what the chip computes, compiled; the same bits as the firmware on any number of PEs;
- ``fast``: the adjoint, compiled; agrees to about 1e-6 of the largest entry.

A fourth form, ``bptt``, learns with the whole gradient instead of e-prop's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Literal, TypeAlias, TypeGuard, get_args

import numpy as np
from numpy.typing import NDArray

from firmware_models.eprop import kernels as compiled
from firmware_models.eprop import reference
from firmware_models.eprop.arrays import WRITTEN_EACH_STEP
from firmware_models.eprop.network import fitting
from firmware_models.eprop.network_slice import NetworkSlice
from firmware_models.eprop.parameters import EpropParameters
from firmware_models.eprop.partition import own_neurons
from firmware_models.eprop.training import bptt, kernels
from firmware_models.eprop.training.half import online_in_half
from spinn2sim.errors import SpecError
from spinn2sim.firmware import PEContext, WorkloadShape
from spinn2sim.firmware.learner import Judgement
from spinn2sim.validated import nearest

Array = NDArray[Any]

Form: TypeAlias = Literal["reference", "online", "fast", "bptt"]
FORMS: tuple[Form, ...] = get_args(Form)

#: Where the gradient of a weight matrix stays after an update.
GRADIENTS = {"w_in": "dw_in", "w_rec": "dw_rec", "w_out": "dw_out"}


def known_form(name: str) -> Form:
    """The form *name*.

    :raises SpecError: there is none.
    """
    if _is_form(name):
        return name
    raise SpecError(
        "form", (f"no form {name!r} of the arithmetic{nearest(name, list(FORMS), 'forms')}",)
    )


def _is_form(name: str) -> TypeGuard[Form]:
    return name in FORMS


#: One PE alone hears of no spikes but its own.
NO_OTHERS = np.empty(0, np.int64)


class Learner:
    """A network that learns on the host. ``n_spikes`` is of the sample seen last."""

    def __init__(
        self,
        parameters: EpropParameters,
        *,
        n_timesteps: int,
        n_classes: int,
        seed: int,
        form: Form = "fast",
    ) -> None:
        _check_form(form, parameters)
        shape = WorkloadShape(1, n_timesteps, parameters.n_in, n_classes)
        self.form, self.n_timesteps = form, n_timesteps
        alone = PEContext(0, 1, seed, shape, steps_per_buffer=1)
        arithmetic = reference if form == "reference" else compiled
        self.net = NetworkSlice(parameters, alone, arithmetic)
        self._each_timestep = parameters.updates_each_timestep
        self.n_spikes, self.n_neurons = 0, parameters.n_rec
        real = np.dtype(parameters.precision)
        by_step = (n_timesteps, parameters.n_rec)
        self._psi, self._z = np.zeros(by_step, real), np.zeros(by_step, real)
        self._spiking = np.zeros(n_timesteps * parameters.n_rec + 1, np.intp)
        self._ends = np.zeros(n_timesteps + 1, np.intp)

    def learn(self, x: Array, target: int) -> Judgement:
        """One sample, x (n_timesteps, n_in), and one weight update from it.

        :raises DivergenceError: the network's numbers have left their range.
        """
        judgement = self._see(x, target, learn=True)
        if self.form == "bptt":
            bptt.backpropagate(self.net, x, self._z, self._psi)
            self.net.update()
        elif not self._each_timestep:
            self.net.learn()
        return judgement

    def judge(self, x: Array, target: int) -> Judgement:
        """One sample without learning."""
        return self._see(x, target, learn=False)

    def weights(self) -> dict[str, Array]:
        """Copies of the weight matrices, [post, pre]."""
        return self.net.state.weights()

    def gradients(self) -> dict[str, Array]:
        """Copies of the gradients that the last update has used, [post, pre]."""
        return {name: getattr(self.net.state, dw).copy() for name, dw in GRADIENTS.items()}

    def take_batch(self) -> dict[str, Array]:
        """The mean gradient of the mini-batch so far, by matrix; it begins anew."""
        taken = {}
        for name, trained in self.net.state.matrices.items():
            assert trained.batch is not None, "each gradient is followed at once"
            taken[name] = trained.batch.copy()
            trained.batch.fill(0)
        self.net.n_gradients = 0
        return taken

    def sends(self, n_pe: int) -> NDArray[np.int64]:
        """The spikes of the sample seen last, (n, 3), ascending: PE of *n_pe*, time step, key."""
        assert self.form in ("online", "fast"), "other forms keep no raster"
        keys = self._spiking[: self._ends[-1]].astype(np.int64)
        timesteps = np.repeat(np.arange(self.n_timesteps), np.diff(self._ends))
        pes = _owners(self.n_neurons, n_pe)[keys]
        order = np.argsort((pes * self.n_timesteps + timesteps) * self.n_neurons + keys)
        return np.stack([pes, timesteps, keys], axis=1)[order]

    def figures(self, judgement: Judgement, n_pe: int) -> dict[str, list[float]]:
        """What the program would note of the sample that *judgement* is of: by name, then PE."""
        keys = self._spiking[: self._ends[-1]]
        n_spikes = np.bincount(_owners(self.n_neurons, n_pe)[keys], minlength=n_pe).tolist()
        return {
            "spikes": n_spikes,
            "loss": [judgement.loss],
            "correct": [judgement.correct],
        }

    def load_weights(self, weights: Mapping[str, Array]) -> None:
        """Begin with *weights*, before the first sample.

        :raises WeightsError: they are those of another network.
        """
        self.net.load_weights(weights)

    def state(self) -> dict[str, Array]:
        """All that the slice holds, so that nothing is forgotten: each array and each counter."""
        arrays = {name: array.copy() for name, array in self._arrays().items()}
        return arrays | {name: np.array(held[name]) for name, held in self._counters().items()}

    def restore(self, state: Mapping[str, Array]) -> None:
        """Go on from *state*.

        :raises WeightsError: it is that of another network; nothing has changed then.
        """
        arrays, counters = self._arrays(), self._counters()
        values = {
            name: fitting(state, name, array.shape, array.dtype) for name, array in arrays.items()
        }
        counts = {name: int(fitting(state, name, (), np.dtype(np.int64))) for name in counters}
        for name, array in arrays.items():
            array[...] = values[name]
        for name, held in counters.items():
            held[name] = counts[name]

    def _arrays(self) -> dict[str, Array]:
        held = vars(self.net.state).items()
        arrays = {name: array for name, array in held if isinstance(array, np.ndarray)}
        if arrays["b_out"] is self.net.state.w_out:
            del arrays["b_out"]
        return arrays

    def _counters(self) -> dict[str, dict[str, Any]]:
        """Where each counter is held, by its name."""
        holders = vars(self.net), vars(self.net.state)
        return {name: held for held in holders for name in held if type(held[name]) is int}

    def _see(self, x: Array, target: int, *, learn: bool) -> Judgement:
        assert x.shape == (self.n_timesteps, self.net.state.w_in.shape[1]), x.shape
        if self._each_timestep:
            return self._judge_each_step(x, target, learn=learn)
        if self.form == "reference":
            for _ in self._time_steps(x):
                pass
        else:
            self._in_one_call(x, learn=learn)
        self.net.sum_output()
        return self.net.form_error(target)

    def _in_one_call(self, x: Array, *, learn: bool) -> None:
        state, constants = self.net.state, self.net.constants
        x = np.ascontiguousarray(x, state.v.dtype)
        spikes = (self._spiking, self._ends)
        neurons = (state.v, state.a, self._z, self._psi, *spikes)
        self.n_spikes = kernels.forward(x, state.w_in, state.w_rec, *neurons, constants)
        if state.spike_count is not None:
            state.spike_count[:] = self._z.sum(axis=0)
        n_lif = len(state.v) - len(state.a)
        sums = (state.dw_in, state.dw_rec, state.zbar_sum)
        if learn and self.form == "online" and self.net.storage.kinds:
            online_in_half(self.net, x, self._z, self._psi)
        elif learn and self.form == "online":
            kernels.online(x, self._z, self._psi, n_lif, *sums, constants)
        elif learn and self.form == "fast":
            kernels.fast(x, *spikes, self._psi, n_lif, *sums, constants)
        else:
            kernels.output_sum(self._z, state.zbar_sum, constants)

    def _judge_each_step(self, x: Array, target: int, *, learn: bool) -> Judgement:
        losses = []
        for _ in self._time_steps(x):
            self.net.sum_output()
            losses.append(self.net.form_error(target).loss)
            if learn:
                self.net.learn()
        return self.net.judge_steps(losses, target)

    def _time_steps(self, x: Array) -> Iterator[None]:
        """Runs a sample, and lets the caller act at the end of each time step."""
        net = self.net
        net.state.reset()
        self.n_spikes = 0
        for values in x:
            self.n_spikes += len(net.neuron_step(values))
            net.trace_step(NO_OTHERS)
            yield


@lru_cache(maxsize=16)  # asked for each sample
def _owners(n_neurons: int, n_pe: int) -> NDArray[np.int64]:
    """The PE of each neuron."""
    n_own = [len(own_neurons(n_neurons, n_pe, pe)) for pe in range(n_pe)]
    return np.repeat(np.arange(n_pe), n_own)


def _check_form(form: Form, parameters: EpropParameters) -> None:
    if form == "bptt":
        bptt.check_loss(parameters)
    within = sorted(WRITTEN_EACH_STEP & parameters.half_matrices.keys())
    if form in {"fast", "bptt"} and within:
        problem = f"the form {form} does not have the {within[0]} of each time step; use online"
        raise SpecError("parameters", (f"{within[0]} in 16 bit: {problem}",))
    if form == "fast" and parameters.updates_each_timestep:
        problem = "update_every = 'timestep': the form fast needs the whole sample; use online"
        raise SpecError("parameters", (problem,))
