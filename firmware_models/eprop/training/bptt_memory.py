"""What BPTT must hold on the chip: arrays, allocated as the firmware allocates its own.

It needs no eligibilities, but the history of a sample, which grows with its time steps. The paper's
own figures for BPTT (119 KB, 2.7 MB, overtaken by e-prop at 600 time steps) only come out if it is
given e-prop's three traces per synapse as well: ``with_traces``.
"""

from __future__ import annotations

from spinn2sim.firmware import SramLayout


def bptt_layout(
    n_in: int, n_rec: int, n_out: int, n_timesteps: int, *, with_traces: bool = False
) -> SramLayout:
    """Every array of a network that learns by BPTT with Adam, on one PE of any size."""
    layout = SramLayout()
    synapses = {"in": (n_rec, n_in), "rec": (n_rec, n_rec)}
    for matrix, shape in {**synapses, "out": (n_out, n_rec)}.items():
        layout.array(f"w_{matrix}", shape, is_weight=True)
        for name in ("dw", "m", "v"):
            layout.array(f"{name}_{matrix}", shape)
    # Forwards, what the way back needs of each time step: thresholds follow from z.
    layout.array("x", (n_timesteps, n_in))
    for name in ("v", "z", "psi"):
        layout.array(name, (n_timesteps, n_rec))
    layout.array("y", (n_timesteps, n_out))
    # Backwards, derivatives of the loss, in one time step.
    for name in ("dv", "da"):
        layout.array(name, (n_rec,))
    if with_traces:
        for matrix, shape in synapses.items():
            for name in ("eps_a", "e", "e_bar"):
                layout.array(f"{name}_{matrix}", shape)
        layout.array("eps_v", (n_in + n_rec,))
    return layout


def bptt_memory(
    n_in: int, n_rec: int, n_out: int, n_timesteps: int, *, with_traces: bool = False
) -> int:
    """Bytes of ``bptt_layout``."""
    return bptt_layout(n_in, n_rec, n_out, n_timesteps, with_traces=with_traces).n_bytes
