"""Networks that have stopped to say anything: which kind, and what to try."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from spinn2sim.errors import DivergenceError

#: Share of neurons and time steps with a spike above which spikes carry nothing.
SATURATED = 0.5


def refuse_nan(loss: float) -> None:
    """:raises DivergenceError: the loss is no finite number."""
    if not math.isfinite(loss):
        problem = f"the loss is {loss}, so a weight has left the range of its number format"
        raise DivergenceError("loss", problem, "lower the learning rate or the scale of the input")


def refuse_dead_or_saturated(n_spikes: int, n_neuron_steps: int) -> None:
    """Look at the spikes of a whole epoch.

    :raises DivergenceError: there are none, or too many.
    """
    if n_spikes == 0:
        raise DivergenceError(
            "spikes",
            "dead network: not one spike in the whole epoch",
            "scale the input or the weights up, or lower the threshold or the learning rate",
        )
    share = n_spikes / n_neuron_steps
    if share > SATURATED:
        raise DivergenceError(
            "spikes",
            f"saturated network: neurons spike in {share:.0%} of their time steps",
            "scale the input or the weights down, raise the threshold, lower the learning rate, or "
            "regularise the firing rate",
        )


@contextmanager
def located(where: Callable[[], str]) -> Iterator[None]:
    """A DivergenceError in the body says *where* the training was."""
    try:
        yield
    except DivergenceError as error:
        raise DivergenceError(where(), error.problem, error.remedy) from None
