"""Sweep folders made by hand, as `spinn2sim sweep` leaves them."""

import json
from itertools import product

import numpy as np
import polars as pl

#: Runs if a page takes it for its own; whether it has shows in the variable.
EVIL = "<script>taken = 1</script>"


def write_sweep(folder, *, clocks=5, sizes=50, pes=(1, 2, 4, 8, 12, 16, 24, 48, 96, 152)):
    """A sweep over clocks, network sizes, PEs and memory: 5,000 points unless it says otherwise.

    A network with fewer neurons than PEs fails, with a message that tries to be a script.
    """
    rates = np.linspace(65_000_000, 300_000_000, clocks).astype(int).tolist()
    axes = product(rates, range(20, 20 + 10 * sizes, 10), pes, ("local", "neighbour"))
    rows = [_row(number, *point) for number, point in enumerate(axes)]
    folder.mkdir(parents=True, exist_ok=True)
    pl.DataFrame(rows, infer_schema_length=None).write_parquet(folder / "points.parquet")
    (folder / "sweep.yaml").write_text(
        "name: clock-pes-nrec\n"
        "axes:\n"
        "- grid:\n"
        "    chip.pe.clock: [65MHz, 300MHz]\n"
        "    parameters.n_rec: {low: 20, high: 510, step: 10}\n"
        "    n_pe: [1, 2]\n"
        "    memory: [local, neighbour]\n"
    )
    (folder / "provenance.json").write_text(json.dumps({"store": EVIL, "n_done": len(rows)}))
    return folder


def _row(number, clock, n_rec, n_pe, memory):
    cycles = (11_200 * n_rec + 18 * n_rec**2) / n_pe * (1.1 if memory == "neighbour" else 1) + 8_000
    ms = cycles / clock * 1e3
    place = {
        "chip.pe.clock": clock,
        "parameters.n_rec": n_rec,
        "n_pe": n_pe,
        "memory": memory,
        "fidelity": "check",
        "seed": 1,
    }
    failed = n_rec < n_pe
    found = {
        "fits": bool(ms < 10),
        "response_ms": ms,
        "slack_cycles": int((10 - ms) * clock / 1e3),
        "power_chip_mw": 75.2 + n_pe * (1.054 + clock * 8.3e-12 * min(ms / 10, 1)),
    }
    status = {
        "status": "failed" if failed else "done",
        "error": f"{n_pe} PEs need as many neurons {EVIL}" if failed else "",
        "point": f"{number:016x}",
    }
    return {**place, **(dict.fromkeys(found) if failed else found), **status}
