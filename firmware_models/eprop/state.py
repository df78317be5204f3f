"""The data SRAM of one PE: every array that its program uses, allocated by name.

Reading A of the paper's memory figures: W, dW, m, v, eps_a and e_bar for each synapse; eps_v one
row for the inputs, the same for all postsynaptic neurons, but a matrix for the recurrent synapses,
where the zeroed diagonal makes rows differ; e is used as it is made and not kept. What a LIF neuron
or another optimiser does without, and what a mini-batch adds, shows here.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from firmware_models.eprop.arrays import KEPT
from firmware_models.eprop.parameters import EpropParameters
from spinn2sim.firmware import PEContext, SramLayout

Array = NDArray[Any]

#: Which stream of random numbers a matrix is drawn from.
STREAMS = {"w_in": 0, "w_rec": 1, "w_out": 2, "b_out": 3}

#: The kinds of synapses, by the neurons they come from or, for the readout, lead to.
Parts: TypeAlias = frozenset[Literal["in", "rec", "out"]]
PARTS: Parts = frozenset({"in", "rec", "out"})

#: What is at zero when a sample begins, and of that, the sums over time.
AT_REST = (
    *("v", "a", "z", "z_before", "zbar", "eps_v_in", "eps_a_in", "e_bar_in"),
    *("eps_v_rec", "eps_a_rec", "e_bar_rec", "spike_count", "output_sum"),
)
SUMS = ("dw_in", "dw_rec", "zbar_sum")

#: Distance of two neurons in the period of the generator, far more than a neuron draws.
DRAWS_PER_NEURON = 2**64

#: Neurons of the largest network whose draws are kept for the next one: about 30 MB.
MOST_KEPT = 1_000


class Trained(NamedTuple):
    """A weight matrix with what its update needs; all arrays have its shape."""

    w: Array
    dw: Array
    kept: tuple[Array, ...]
    """What the optimiser keeps, in its order."""
    batch: Array | None
    """Mean gradient of the mini-batch so far; None if each gradient is followed at once."""


class Sizes(NamedTuple):
    """Of a PE: its own neurons, those of them that are ALIF, and the network's layers."""

    n_post: int
    n_alif: int
    n_in: int
    n_rec: int
    n_out: int


class State:
    """Arrays of the postsynaptic neurons *own*; dw_in and dw_rec gather sum_t e_bar in a sample.

    *parts* are the kinds of synapses that the PE holds: ``in``, ``rec`` and ``out``. Neurons are
    where ``rec`` is, and the readout where ``out`` is.
    """

    def __init__(
        self, parameters: EpropParameters, pe: PEContext, own: range, parts: Parts = PARTS
    ) -> None:
        self.layout = layout = SramLayout(parameters.far_matrices, parameters.half_matrices)
        self.own, self._parameters = own, parameters
        n_alif = len(own[max(parameters.n_lif - own.start, 0) :])
        sizes = Sizes(len(own), n_alif, parameters.n_in, parameters.n_rec, parameters.n_out)
        real = np.dtype(parameters.precision)

        # The host fills it on every PE that reads input: for its values, or for its target.
        if parts != {"rec"}:
            self.x = layout.array("x", (2 * pe.steps_per_buffer, parameters.n_in), real)
        self.n_frames = 0
        self.trained_feedback: Trained | None = None
        self.trained = tuple(self._hold_synapses(sizes, real, parts))
        self._hold_neurons(sizes, real, parts)
        self.spike_count: Array | None = None
        self.output_sum: Array | None = None
        if "out" in parts:
            self._hold_readout(sizes, real, pe, n_partial=pe.n_pe - 1 if parts == PARTS else 0)
        self.signal = layout.array("learning_signal", (len(own),), real)

        if pe.n_groups > 1:
            self._receive_gradients(sizes, real)
        self._at_rest, self._sums = self._held(AT_REST), self._held(SUMS)
        self._draw_weights(pe.seed, parts)

    def _hold_synapses(self, sizes: Sizes, real: np.dtype[Any], parts: Parts) -> Iterator[Trained]:
        layout, (n_post, n_alif, n_in, n_rec, n_out) = self.layout, sizes
        if "in" in parts:
            self.w_in = layout.array("w_in", (n_post, n_in), real, is_weight=True)
            self.dw_in = layout.array("dw_in", (n_post, n_in), real)
            yield self._trained("in", self.w_in, self.dw_in)
            self.eps_v_in = layout.array("eps_v_in", (1, n_in), real)
            self.eps_a_in = layout.array("eps_a_in", (n_alif, n_in), real)
            self.e_bar_in = layout.array("e_bar_in", (n_post, n_in), real)

        if "rec" in parts:
            self.w_rec = layout.array("w_rec", (n_post, n_rec), real, is_weight=True)
            self.dw_rec = layout.array("dw_rec", (n_post, n_rec), real)
            yield self._trained("rec", self.w_rec, self.dw_rec)
            self.eps_v_rec = layout.array("eps_v_rec", (n_post, n_rec), real)
            self.eps_a_rec = layout.array("eps_a_rec", (n_alif, n_rec), real)
            self.e_bar_rec = layout.array("e_bar_rec", (n_post, n_rec), real)

        if "out" in parts:
            self.w_out = layout.array("w_out", (n_out, n_post), real, is_weight=True)
            self.dw_out = layout.array("dw_out", (n_out, n_post), real)
            yield self._trained("out", self.w_out, self.dw_out)
            self.b_out = self.w_out
            if self._parameters.feedback != "symmetric":
                self.b_out = layout.array("b_out", (n_out, n_post), real)
            if self._parameters.feedback == "adaptive":
                self.trained_feedback = self._trained("b", self.b_out, self.dw_out)

    def _hold_neurons(self, sizes: Sizes, real: np.dtype[Any], parts: Parts) -> None:
        layout, (n_post, n_alif, _, n_rec, _) = self.layout, sizes
        if parts != {"out"}:
            self.current = layout.array("current", (n_post,), real)
        if "rec" in parts:
            self.v = layout.array("v", (n_post,), real)
            self.a = layout.array("a", (n_alif,), real)
        if parts != {"out"}:
            self.psi = layout.array("psi", (n_post,), real)
        if "out" in parts:
            self.zbar = layout.array("zbar", (n_post,), real)
            self.zbar_sum = layout.array("zbar_sum", (n_post,), real)
        if parts != {"in"}:
            self.z = layout.array("z", (n_rec,), np.bool_)
        if "rec" in parts:
            self.z_before = layout.array("z_before", (n_rec,), np.bool_)

    def _hold_readout(
        self, sizes: Sizes, real: np.dtype[Any], pe: PEContext, n_partial: int
    ) -> None:
        layout, n_out = self.layout, sizes.n_out
        if self._parameters.rate_weight:
            self.spike_count = layout.array("spike_count", (sizes.n_post,), np.int32)
        self.output = layout.array("output", (n_out,), np.int64)
        if self._parameters.updates_each_timestep and pe.pe == 0:
            self.output_sum = layout.array("output_sum", (n_out,), np.int64)
        if pe.pe == 0 and n_partial:
            self.partial_outputs = layout.array("partial_outputs", (n_partial, n_out), np.int64)
        self.error = layout.array("error", (n_out,), real)

    def _held(self, names: tuple[str, ...]) -> tuple[Array, ...]:
        found = (getattr(self, name, None) for name in names)
        return tuple(array for array in found if array is not None)

    @property
    def matrices(self) -> dict[str, Trained]:
        """What is trained, by name: in, rec, out, and b where the feedback learns."""
        trained = dict(zip(("in", "rec", "out"), self.trained, strict=True))
        return trained | ({"b": self.trained_feedback} if self.trained_feedback else {})

    def _receive_gradients(self, sizes: Sizes, real: np.dtype[Any]) -> None:
        """Room for the gradients of two other groups, where no idle array has the shape."""
        shape = sizes.n_out, sizes.n_post
        self.received_out = self.layout.array("received_out", shape, real)
        if self.trained_feedback is not None:
            self.received_b_first = self.layout.array("received_b_first", shape, real)
            self.received_b = self.layout.array("received_b", shape, real)

    def _trained(self, matrix: str, w: Array, dw: Array) -> Trained:
        def array(letter: str) -> Array:
            new = self.layout.array(f"{letter}_{matrix}", w.shape, w.dtype)
            setattr(self, f"{letter}_{matrix}", new)  # beside all other arrays, for who saves them
            return new

        kept = tuple(array(letter) for letter in KEPT[self._parameters.optimiser])
        return Trained(w, dw, kept, array("batch") if self._parameters.batch_size > 1 else None)

    def next_frame(self) -> int:
        """The next place of the ping-pong buffer ``x``."""
        place = self.n_frames % len(self.x)
        self.n_frames += 1
        return place

    def weights(self) -> dict[str, Array]:
        """Copies of the weight matrices, by name; b_out where it is not w_out."""
        held = {name: getattr(self, name) for name in STREAMS if hasattr(self, name)}
        if held.get("b_out") is held.get("w_out"):
            held.pop("b_out", None)
        return {name: array.copy() for name, array in held.items()}

    def reset(self) -> None:
        """Begin a sample: neurons at rest, traces and sums at zero."""
        for array in self._at_rest:
            array.fill(0)
        self.clear_sums()

    def clear_sums(self) -> None:
        """Begin the time steps of a gradient: sums over time at zero."""
        for array in self._sums:
            array.fill(0)

    def _draw_weights(self, seed: int, parts: Parts) -> None:
        """N(0, 1) / sqrt(fan-in), a stream for each neuron: the same on any number of PEs."""
        n_rec = self._parameters.n_rec

        def draw(matrix: Literal["w_in", "w_rec", "w_out", "b_out"], rows: Array, fan: int) -> None:
            drawn = _drawn if n_rec <= MOST_KEPT else _drawn.__wrapped__
            for j, row in zip(self.own, rows, strict=True):
                row[:] = drawn(seed, STREAMS[matrix], j, len(row)) / np.sqrt(fan)

        if "in" in parts:
            draw("w_in", self.w_in, self.w_in.shape[1])
        if "rec" in parts:
            draw("w_rec", self.w_rec, n_rec)
        if "out" in parts:
            draw("w_out", self.w_out.T, n_rec)
            if self.b_out is not self.w_out:
                draw("b_out", self.b_out.T, n_rec)


@lru_cache(maxsize=len(STREAMS) * MOST_KEPT)  # other runs and groups begin with the same weights
def _drawn(seed: int, stream: int, neuron: int, n: int) -> Array:
    """The first *n* numbers from N(0, 1) of *neuron* in *stream*."""
    bits = np.random.PCG64([seed, stream])
    bits.advance(neuron * DRAWS_PER_NEURON)
    return np.random.Generator(bits).standard_normal(n)
