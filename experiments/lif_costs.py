"""Writes firmware_models/lif/costs/measured.yaml: the loops of e-prop's C that LIF neurons share.

    python -m experiments.lif_costs

The functions are those of ``measured`` (style loops, -O2), whose coefficients are per synapse and
per neuron; only the sizes have other names, since a LIF network may have several populations.
"""

from __future__ import annotations

from pathlib import Path

from spinn2sim.costs.writing import table_text
from spinn2sim.firmware import CostTable, load_cost_table

MODELS = Path(__file__).parents[1] / "firmware_models"
TABLE = MODELS / "lif" / "costs" / "measured.yaml"

#: Function of e-prop, function here, and what its sizes are called here.
SHARED = {
    "read_input": ("read_input", {}),
    "input_current": ("input_current", {"L*I": "W"}),
    "recurrent_current": ("recurrent_current", {"L*R": "S"}),
    "alif_update": ("lif_update", {}),
    "send_spikes": ("send_spikes", {}),
    "receive_spikes": ("receive_spikes", {"R": "N"}),
    "sync": ("sync", {}),
}


def table() -> CostTable:
    """The cost table of LIF neurons."""
    measured = load_cost_table("measured", MODELS / "eprop" / "costs")
    terms = []
    for term in measured.terms:
        if term.label in SHARED:
            label, sizes = SHARED[term.label]
            source = f"{term.label} of e-prop's table `measured`: {term.source}"
            per = sizes.get(term.per, term.per)
            terms.append(term.with_changes(label=label, per=per, source=source))
    low, high = measured.fitted_on["L"]
    return CostTable(
        name="measured",
        provenance=f"the functions that e-prop shares, {measured.provenance}; an update of a LIF "
        "neuron is taken to cost what one of an ALIF neuron does, so it is an upper bound",
        made_by="python -m experiments.lif_costs",
        sizes={
            "L": "own neurons of the PE",
            "I": "inputs (n_in)",
            "N": "neurons of the network (n_rec)",
            "W": "synapses from inputs to own neurons",
            "S": "synapses from neurons to own neurons",
        },
        fitted_on={
            "L": (low, high),
            "I": measured.fitted_on["I"],
            "N": measured.fitted_on["R"],
        },
        terms=tuple(terms),
    )


if __name__ == "__main__":
    TABLE.write_text(table_text(table()), encoding="utf-8")
