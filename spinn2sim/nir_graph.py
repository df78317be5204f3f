"""A graph of LIF neurons out of a NIR file, as arrays for a firmware.

NIR (Pedersen et al., Nature Communications 15:8122, 2024) says what a network does in continuous
time. What is read here: ``Input``, ``Output``, ``LIF``, and between them ``Linear`` or ``Affine``.
The membrane is solved exactly over a time step in which the current does not change; a spike is a
current of 1 for one time step, and arrives in the next one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinn2sim.errors import MissingExtraError, MissingFileError, SpecError
from spinn2sim.firmware.network import LifNetwork, Projection

SUPPORTED = ("Input", "Output", "LIF", "Linear", "Affine")


def read_nir(path: Path, timestep_s: float) -> LifNetwork:
    """The network in the NIR file *path*, with time steps of *timestep_s* seconds.

    Populations are numbered in the order of the file, those that lead to the output last.

    :raises MissingExtraError: the library is not installed.
    :raises MissingFileError: there is no such file.
    :raises SpecError: it is no NIR file, or has a node or an edge that is not supported.
    """
    try:
        import nir
    except ImportError:
        raise MissingExtraError("reading a NIR graph", "nir", "nir") from None
    if not path.is_file():
        raise MissingFileError("NIR graph", str(path), "check the path")
    try:
        graph = nir.read(path)
    except Exception as error:  # noqa: BLE001 - whatever HDF5 and the library find wrong
        raise SpecError(str(path), (f"cannot be read as NIR: {error}",)) from None
    return network_of(graph.nodes, graph.edges, timestep_s, str(path))


def network_of(
    nodes: Mapping[str, Any], edges: Sequence[tuple[str, str]], timestep_s: float, where: str
) -> LifNetwork:
    """The network of NIR *nodes* and *edges*; *where* they are from, for messages.

    :raises SpecError: a node or an edge is not supported, or sizes do not agree.
    """
    _refuse_nodes(nodes, where)
    outputs = [a for a, b in edges if _kind(nodes[b]) == "Output"]
    lif = [name for name, node in nodes.items() if _kind(node) == "LIF"]
    lif = [name for name in lif if name not in outputs] + [n for n in lif if n in outputs]
    inputs = [name for name, node in nodes.items() if _kind(node) == "Input"]
    if len(inputs) != 1 or not lif or not outputs or any(name not in lif for name in outputs):
        problem = "expected one Input, and LIF neurons that lead to the Output"
        raise SpecError(where, (problem,))

    sizes = {name: int(np.prod(nodes[name].r.shape)) for name in lif}
    first = dict(zip(lif, np.cumsum([0, *sizes.values()]).tolist(), strict=False))
    neurons = {name: _neurons(nodes[name], timestep_s) for name in lif}
    n_in = int(np.prod(np.asarray(nodes[inputs[0]].input_type["input"])))
    projections = []
    for weight in (name for name, node in nodes.items() if hasattr(node, "weight")):
        for pre, post in _ends(weight, nodes, edges, where):
            matrix = np.atleast_2d(np.asarray(nodes[weight].weight, np.float64)).T
            expected = (n_in if pre in inputs else sizes[pre], sizes[post])
            if matrix.shape != expected:
                problem = f"node {weight!r}: weights of {matrix.shape[::-1]}, expected "
                raise SpecError(where, (f"{problem}{expected[::-1]}",))
            gain = neurons[post]["gain"]
            neurons[post]["drive"] += gain * np.ravel(getattr(nodes[weight], "bias", 0.0))
            rows = np.ascontiguousarray(matrix * gain, np.float32)
            projections.append(
                Projection(first.get(pre, 0), first[post], rows, from_inputs=pre in inputs)
            )

    def all_of(name: str) -> NDArray[np.float32]:
        return np.concatenate([neurons[each][name] for each in lif]).astype(np.float32)

    return LifNetwork(
        n_in,
        sum(sizes[name] for name in set(outputs)),
        all_of("alpha"),
        all_of("drive"),
        all_of("threshold"),
        all_of("reset"),
        tuple(projections),
    )


def _kind(node: Any) -> str:
    return type(node).__name__


def _refuse_nodes(nodes: Mapping[str, Any], where: str) -> None:
    """:raises SpecError: names every node that is not supported."""
    problems = tuple(
        f"node {name!r} is a {_kind(node)}; supported are {', '.join(SUPPORTED)}"
        for name, node in nodes.items()
        if _kind(node) not in SUPPORTED
    )
    if problems:
        raise SpecError(where, problems)


def _neurons(node: Any, timestep_s: float) -> dict[str, NDArray[np.float64]]:
    """Parameters of a time step: exact for a current that does not change within it."""
    tau, r, leak, threshold, reset = (
        np.ravel(np.asarray(getattr(node, name), np.float64))
        for name in ("tau", "r", "v_leak", "v_threshold", "v_reset")
    )
    alpha = np.exp(-timestep_s / tau)
    return {
        "alpha": alpha,
        "gain": r * (1 - alpha),
        "drive": leak * (1 - alpha),
        "threshold": threshold,
        "reset": reset,
    }


def _ends(
    weight: str, nodes: Mapping[str, Any], edges: Sequence[tuple[str, str]], where: str
) -> list[tuple[str, str]]:
    """What the weights lead from and to.

    :raises SpecError: that is not from an Input or LIF to a LIF.
    """
    sources = [a for a, b in edges if b == weight]
    targets = [b for a, b in edges if a == weight]
    odd = [n for n in sources if _kind(nodes[n]) not in ("Input", "LIF")]
    odd += [n for n in targets if _kind(nodes[n]) != "LIF"]
    if odd:
        problem = f"node {weight!r}: has an edge with {odd[0]!r}, a {_kind(nodes[odd[0]])}; "
        raise SpecError(where, (f"{problem}expected weights from Input or LIF to LIF",))
    return [(source, target) for source in sources for target in targets]
