"""Traces made by hand, row by row, so that every figure of a report has a closed form.

PE and NoC run at 1 MHz and a time step is 1 ms: a period is 1,000 cycles. A tick is a cycle unless
a test says otherwise.
"""

from spinn2sim import load_scenario
from spinn2sim.trace import Cause, Fault, Mishap, Recorder

PERIOD = 1_000
MHZ = 1_000_000


class Story:
    """A recorder with a meta to go with it; times are ticks."""

    def __init__(self, *overrides, n_pe=2, n_timesteps=1, n_samples=1, clock=MHZ, per_cycle=1):
        changes = (f"n_pe={n_pe}", f"chip.pe.clock={clock}", f"chip.noc.clock={clock}")
        scenario = load_scenario(
            preset="paper-12pe", overrides=("name=story", "timestep=1ms", *changes, *overrides)
        )
        self.recorder = Recorder()
        self.period = per_cycle * clock // 1_000
        self.meta = {
            "ticks_per_second": per_cycle * clock,
            "period": self.period,
            "links": [],
            "scenario": scenario.model_dump(mode="json", exclude_none=True),
            "workload": {
                "digest": "-",
                "samples": [f"sample {number}" for number in range(n_samples)],
                "targets": [0] * n_samples,
                "classes": ["no", "yes"],
                "notes": [],
                "n_timesteps": n_timesteps,
                "n_in": 1,
            },
            "costs": None,
            "sizes": [{} for _ in range(n_pe)],
            "layouts": [[] for _ in range(n_pe)],
        }
        self.recorder.rows["pes"] += [(pe, 0, 0, 0, 0, 0, -1, 0) for pe in range(n_pe)]

    def step(self, pe, timestep, took, *charges):
        """*pe* runs *timestep* from its release on for *took* ticks, working off *charges*."""
        release = timestep * self.period
        self.recorder.rows["steps"].append((pe, timestep, release, release, release + took))
        if charges:
            self.recorder.work(pe, timestep, release, tuple(with_every(each) for each in charges))
        return self

    def wait(self, pe, timestep, cause, start, stop):
        """*pe* waits from *start* to *stop*, both from the release of *timestep*."""
        release = timestep * self.period
        self.recorder.wait(pe, timestep, Cause[cause.upper()], release + start, release + stop)
        return self

    def send(self, pe, timestep, at, n_packets=1):
        """*pe* sends *at* ticks after the release of *timestep*."""
        self.recorder.send(pe, timestep, timestep * self.period + at, [7] * n_packets, spikes=True)
        return self

    def rows(self, table, *rows):
        """Further rows of *table*, as they are."""
        self.recorder.rows[table] += rows
        return self

    def trace(self, **meta):
        """The frozen trace; *meta* replaces what is in its own."""
        return self.recorder.freeze({**self.meta, **meta}, {})


def with_every(charge):
    """(label, cycles) belongs to a step unless it says otherwise."""
    return charge if len(charge) == 3 else (*charge, "step")


def eventful():
    """Two steps of two PEs in which all that a report tells of happens, each by its own number.

    PE 0 is 250 cycles late in step 1, and does the update of the sample; PE 1 waits for the host.
    The run lasts 2,250 cycles, to the end of the late step.
    """
    story = Story(n_pe=2, n_timesteps=2)
    story.step(0, 0, 400, ("a", 200), ("b", 100)).wait(0, 0, "sync", 300, 400)
    story.step(0, 1, 1_250, ("a", 200), ("b", 1_010), ("u", 40, "sample"))
    story.step(1, 0, 550, ("a", 500)).wait(1, 0, "host", 500, 550)
    story.step(1, 1, 60, ("a", 60))
    story.send(0, 0, 350, 3).send(0, 1, 1_100, 2)
    story.rows("links", (0, 30, 2), (1, 54, 4)).rows("queue_peaks", (0, 600), (1, 700))
    story.rows("routers", (1, 0, 0, 0, 0)).rows("fifo_peaks", (1, 900))
    story.recorder.rows["pes"][1] = (1, 0, 0, 0, 0, 6, -1, 0)
    story.rows("refills", (0, 0, 0, 100, 300, 64), (0, 1, 300, 310, 400, 32))
    story.rows("faults", (Fault.DMA_RETRY, 0, 700, 2))
    story.rows("mishaps", (Mishap.LOST, 1, 1_500, 4))
    story.recorder.log(1, 1, "hits", 3.0)
    story.meta["links"] = ["inject PE 0", "QPE 0,0 -> QPE 1,0"]
    story.meta["layouts"] = [
        [["w", "float32", [30, 20], 2_400, True], ["v", "float32", [25], 100, False]],
        [["w", "float32", [20, 20], 1_600, True], ["z", "bool", [9], 9, False]],
    ]
    return story.trace()
