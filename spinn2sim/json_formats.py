"""What each command prints with ``--json``: one object, its format named and versioned by a key.

``format`` is ``spinn2sim/KIND/VERSION``. Within a version keys may be added; one that goes or
changes its meaning raises it. ``spinn2sim schema KIND`` prints a format as JSON Schema, and
docs/json.md lists all.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

#: JSON Schema of each type that a key may have here.
TYPES: Mapping[str, dict[str, Any]] = {
    "text": {"type": "string"},
    "truth value": {"type": "boolean"},
    "whole number": {"type": "integer"},
    "number": {"type": "number"},
    "list": {"type": "array"},
    "object": {"type": "object"},
    "text or null": {"type": ["string", "null"]},
    "number or null": {"type": ["number", "null"]},
    "object or null": {"type": ["object", "null"]},
}


class Key(NamedTuple):
    """A key of the object: the type of its value, and what that is."""

    type: str
    meaning: str
    optional: bool = False


class Format(NamedTuple):
    """What a command prints."""

    command: str
    keys: Mapping[str, Key]
    summary: bool = False
    """Whether the keys of ``report.Summary`` come before them."""
    version: int = 1


FOLDER = Key("text", "where the results are")
N_DONE = {
    "done": Key("whole number", "rows of which the point is computed"),
    "failed": Key("whole number", "rows of which the point ended in an error"),
    "missing": Key("whole number", "rows of which nobody has computed the point yet"),
}
SWEPT = {
    "spinn2sim": Key("text", "version"),
    "code": Key("text", "digest of the code that the points pass through"),
    "store": Key("text", "folder of the finished points"),
    "finished": Key("truth value", "whether the sweep has come to its end"),
    **N_DONE,
    "n_points": Key("whole number", "different points", optional=True),
    "n_computed": Key("whole number", "of these, computed this time", optional=True),
    "n_workers": Key("whole number", "workers at the end", optional=True),
    "wall_s": Key("number", "seconds that it took", optional=True),
    "compute_s": Key("number", "seconds of all workers together", optional=True),
    "folder": FOLDER,
}

FORMATS: Mapping[str, Format] = {
    "run": Format(
        "run",
        {
            "epoch": Key("object", "with `--data`: what a training epoch costs", optional=True),
            "notes": Key("list", "what a reader of the results should know, a sentence each"),
            "ledger_rows": Key(
                "list", "what went wrong: kind, PE or link, count, first step and s"
            ),
            "fifo_peaks": Key("list", "of each PE: most events in its receive FIFO, first s of it"),
            "links": Key("list", "flits, longest queue, first s of it, share of capacity"),
            "routers": Key(
                "list", "the same by router, with packets lost, sent again, dropped, and first s"
            ),
            "packet_latency": Key(
                "list",
                "with `--packets`: ns from Comms to Comms, of all (PE null) and by receiver",
                optional=True,
            ),
            "timing": Key(
                "object", "machine that timed the run, and fall-backs: why, and windows by reason"
            ),
            "folder": FOLDER,
        },
        summary=True,
    ),
    "check": Format(
        "check",
        {
            "largest_n_rec": Key("object", "largest N_rec by time, memory and both; null if none"),
            "clocks": Key("list", "the same object for each clock; outside is the first one's"),
        },
        summary=True,
    ),
    "explain": Format(
        "explain",
        {
            "figure": Key("text or null", "the figure that was asked for"),
            "lines": Key("list", "its arithmetic and sources, line by line; of none, all figures"),
        },
    ),
    "power": Format(
        "power",
        {
            "window_s": Key("number", "seconds of a window"),
            "baseline_mw": Key("number", "chip with its PEs off"),
            "noc_mw": Key("number", "mean of the NoC over the run"),
            "dram_mw": Key("number", "mean of bits into and out of DRAM over the run"),
            "windows": Key("list", "start, and mW of the chip, its PEs asleep and busy, each PE"),
            "pes": Key("list", "J of each PE, asleep and busy"),
            "functions": Key("list", "J of the busy cycles of each function, and its share"),
            "levels": Key("list", "share of time, busy cycles and J at each performance level"),
            "functions_mw": Key("object", "mW of the busy cycles in each window, by function"),
            "training": Key(
                "object", "with `--training`: J of all samples and epochs", optional=True
            ),
        },
    ),
    "batch": Format(
        "batch",
        {
            "name": Key("text", "name of the scenario"),
            "fits": Key("truth value", "every step in time, the last with all-reduce and update"),
            "verdict": Key("text", "the same in words"),
            "n_groups": Key("whole number", "groups, and samples of a mini-batch"),
            "n_pe": Key("whole number", "PEs of all groups"),
            "n_chips": Key("whole number", "chips that hold groups"),
            "clock_hz": Key("whole number", "clock of the PEs"),
            "n_batches": Key("whole number", "mini-batches, one after the other"),
            "batch_s": Key("number", "s from the start of a mini-batch to that of the next"),
            "sample_s": Key("number", "s until the last group has its gradient"),
            "all_reduce_s": Key("number", "s from then until the last PE has the sum"),
            "update_s": Key("number", "s from then until the last PE has made its step"),
            "all_reduce_share": Key("number", "all_reduce_s over batch_s"),
            "last_slack_cycles": Key("whole number", "cycles left in the last time step"),
            "slack_cycles": Key("whole number", "least slack of the other steps"),
            "overruns": Key("whole number", "steps that ended after their deadline"),
            "packets_lost": Key("whole number", "packets that were not delivered"),
            "sram_bytes_max_pe": Key("whole number", "B in use on the fullest PE"),
            "sram_bytes_available": Key("whole number", "B that a PE has for variables"),
            "energy_j": Key("object", "J of a mini-batch by model"),
            "all_reduce_j": Key("number", "of it, busy cycles and NoC of all-reduce and update"),
            "loss": Key("number", "mean over the last mini-batch, before its update"),
            "accuracy": Key("number", "the same"),
            "timing": Key("object", "machine that timed it, and windows by reason: as of `run`"),
            "digest": Key("text", "of all that happened"),
            "host_difference": Key(
                "number", "with `--verify`: largest difference to the host's weights", optional=True
            ),
        },
    ),
    "presets": Format("presets", {"presets": Key("object", "description by name")}),
    "report": Format("report", {"file": Key("text", "the HTML file")}),
    "compare": Format(
        "compare",
        {
            "runs": Key("list", "the summary of each run, with its name as `run`"),
            "scenario": Key("list", "fields that differ: name, values, changes"),
            "figures": Key("list", "figures that moved by more than the threshold"),
            "functions": Key("list", "functions whose cycles did"),
        },
    ),
    "export": Format("export", {"files": Key("list", "what was written")}),
    "measure": Format(
        "measure",
        {
            "elf": Key("text", "path of the firmware"),
            "sha256": Key("text", "its digest"),
            "build": Key("text or null", "compiler and flags, if it states them"),
            "timing": Key("text", "name of the timing model"),
            "rows": Key("list", "per size and function: cycles low, mid, high; stalls; hot blocks"),
        },
    ),
    "costs-fit": Format(
        "costs fit",
        {
            "table": Key("object", "the cost table, as in its YAML file"),
            "formulas": Key("object", "by function: formula, fit, error of a size left out"),
            "left_out": Key("object", "what was measured and is not in the table, and why"),
            "missing": Key("list", "functions of `--like` that were not measured"),
        },
    ),
    "costs-compare": Format(
        "costs compare",
        {
            "pe": Key("whole number", "the PE that is looked at"),
            "n_pe": Key("whole number", "PEs of the network"),
            "sizes": Key("object", "sizes of that PE by symbol"),
            "tables": Key("list", "names"),
            "provenance": Key("object", "by table"),
            "extrapolated": Key("object", "by table: sizes beyond those it was fitted on"),
            "step": Key("object", "cycles by function and table, of a time step"),
            "sample": Key("object", "the same, once per sample"),
            "figures": Key("object", "by table: sums and shares"),
            "total": Key("object", "sums by table, of step and sample"),
        },
    ),
    "sweep": Format("sweep run, sweep resume, sweep collect", SWEPT),
    "sweep-shard": Format("sweep run --shard, sweep resume --shard", N_DONE),
    "sweep-status": Format("sweep status", {"name": Key("text", "of the sweep"), **N_DONE}),
    "sweep-export": Format(
        "sweep export",
        {"script": Key("text", "the batch script"), "folder": FOLDER},
    ),
    "search": Format(
        "search",
        {
            "trials": Key("whole number", "trials so far"),
            "pareto": Key("list", "those that no other beats: space, objectives, outputs"),
            "folder": FOLDER,
        },
    ),
    "limits": Format(
        "limits",
        {
            "limits": Key("list", "largest N_rec per clock, PEs and memory, with what binds"),
            "folder": FOLDER,
        },
    ),
    "train": Format(
        "train",
        {
            "seeds": Key("list", "each seed at its best epoch"),
            "failed": Key("list", "seeds that ended in an error"),
            "n_seeds": Key("whole number", "seeds in the means"),
            "test_accuracy_mean": Key("number", "over the seeds, 0 to 1"),
            "test_accuracy_sd": Key("number or null", "of a sample; null for one seed"),
            "best_epoch_mean": Key("number", "over the seeds"),
            "majority_class_share": Key("number", "accuracy of always naming one class"),
            "machine": Key("object or null", "with `--time`: what all epochs cost on the machine"),
            "folder": FOLDER,
        },
    ),
    "validate": Format(
        "validate",
        {
            "holds": Key("truth value", "whether every comparison is within its tolerance"),
            "comparisons": Key("list", "form, oracle, quantity, difference, tolerance, holds"),
        },
    ),
    "data-synth": Format(
        "data synth",
        {"n_clips": Key("whole number", "clips that were made"), "folder": FOLDER},
    ),
    "data-show": Format(
        "data show",
        {
            "classes": Key("object", "by class: clips in train, validation and test"),
            "counts": Key("object", "what became of the files"),
            "notes": Key("list", "what was changed or left out"),
            "problems": Key("list", "files that cannot be read, with the reason"),
        },
    ),
    "paper": Format(
        "paper",
        {
            "paper": Key("text", "title and reference"),
            "claims": Key("list", "paper's and simulator's value, difference, verdict, reasons"),
            "tables": Key("object", "by id: title, columns, rows, when they were computed"),
        },
    ),
    "network": Format("network", {"folder": FOLDER}, summary=True),
    "new": Format(
        "new firmware, new scenario",
        {"files": Key("list", "what was written"), "next": Key("list", "commands to go on with")},
    ),
    "doctor": Format(
        "doctor",
        {
            "ok": Key("truth value", "whether nothing that is needed is missing"),
            "findings": Key("list", "name, state (ok, absent, broken), found, remedy"),
        },
    ),
}


def stamped(kind: str, content: Mapping[str, Any]) -> dict[str, Any]:
    """*content* with its format; it has the keys that the format says."""
    found = FORMATS[kind]
    required = {name for name, key in found.keys.items() if not key.optional}
    assert required <= content.keys(), f"{kind}: {sorted(required - content.keys())} missing"
    others = content.keys() - found.keys.keys()
    assert found.summary or not others, f"{kind}: {sorted(others)} are not in its format"
    return {"format": name_of(kind), **content}


def name_of(kind: str) -> str:
    """The value of ``format``."""
    return f"spinn2sim/{kind}/{FORMATS[kind].version}"


def json_schema(kind: str, summary: Mapping[str, Key]) -> dict[str, Any]:
    """JSON Schema of a format; *summary*: the keys of a Summary."""
    found = FORMATS[kind]
    keys = {**(summary if found.summary else {}), **found.keys}
    properties = {
        name: {**TYPES[key.type], "description": key.meaning} for name, key in keys.items()
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": name_of(kind),
        "description": f"What `spinn2sim {found.command} --json` prints.",
        "type": "object",
        "properties": {"format": {"const": name_of(kind)}, **properties},
        "required": ["format", *(name for name, key in keys.items() if not key.optional)],
        "additionalProperties": True,
    }
