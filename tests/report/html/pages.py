"""Pages to look at in a browser, made of traces and sweeps by hand."""

from spinn2sim.costs import compare as compare_costs
from spinn2sim.firmware import CostTable
from spinn2sim.report.comparison import compare_runs
from spinn2sim.report.html import comparison_page, run_page, sweep_page
from spinn2sim.report.sweep import read_sweep
from spinn2sim.validated import validate
from tests.report.sweeps import EVIL, write_sweep
from tests.report.traces import PERIOD, Story

LINKS = ["inject PE 0", "eject PE 1", "(0,0)->(1,0)", "(1,0)->(0,0)"]


def evil_story(n_pe=3):
    """Names that try to be scripts, wherever a scenario or a firmware can put one."""
    story = Story('name="<b>x<b> <script>a<"', n_pe=n_pe, n_timesteps=4)
    for timestep in range(4):
        for pe in range(n_pe):
            took = 300 + 100 * pe + (900 if (pe, timestep) == (2, 3) else 0)
            story.step(pe, timestep, took, (EVIL, 200), ("e_prop.x", took - 250))
            story.wait(pe, timestep, "sync", took - 50, took)
            story.send(pe, timestep, 200)
    story.rows("links", *((link, 9 * (link + 1), link) for link in range(len(LINKS))))
    story.rows("refills", (0, 0, 0, 5, 900, 64), (1, 0, 0, 900, 1_500, 64))
    story.rows("dma", (0, 1, 400, 600, 128))
    return story


def evil_trace():
    story = evil_story()
    layout = [[EVIL, "float32", [8, 4], 128, True], ["w", "float32", [8, 8], 256, True]]
    costs = {
        "name": EVIL,
        "provenance": EVIL,
        "made_by": EVIL,
        "sizes": {"L": EVIL},
        "fitted_on": {"L": [10, 20]},
        "terms": [
            {
                "label": EVIL,
                "cycles": 14.0,
                "per": "L",
                "every": "step",
                "only": "always",
                "status": "guess",
                "source": EVIL,
                "range": [8.4, 19.6],
            }
        ],
    }
    meta = story.meta
    meta["workload"]["notes"] = [EVIL]
    return story.trace(links=LINKS, layouts=[layout] * 3, costs=costs, sizes=[{"L": 4}] * 3)


def sensitivity():
    """A report on one guess that turns the verdict, one that does not, and one without range."""
    end = {"fits": True, "verdict": "-", "chip_mw": 80.0, "largest_n_rec": 12, "problem": ""}
    moved = {"path": "chip.noc.fifo_flits", "value": "4", "note": ""}
    return {
        "now": {**end, "value": "now", "slack_cycles": 100},
        "rows": [
            {
                **moved,
                "ends": [
                    {**end, "value": "2", "slack_cycles": -50, "fits": False},
                    {**end, "value": "8", "slack_cycles": 160, "largest_n_rec": 13},
                ],
            },
            {
                "path": f"costs: {EVIL}",
                "value": "14 cycles per L",
                "note": "",
                "ends": [
                    {**end, "value": EVIL, "slack_cycles": 110},
                    {**end, "value": "9", "slack_cycles": 0, "problem": EVIL},
                ],
            },
            {"path": "chip.qpes", "value": "-", "ends": [], "note": "no range is known"},
        ],
    }


def evil_run_page():
    cost_tables = compare_costs(
        {EVIL: validate(CostTable, evil_trace().meta["costs"], "costs")},
        {EVIL: {"L": 4}},
        n_pe=3,
        pe=0,
    ).as_dict()
    return run_page(evil_trace(), sensitivity=sensitivity(), note=EVIL, cost_tables=cost_tables)


def evil_comparison_page():
    traces = [evil_trace(), evil_story().trace(links=LINKS)]
    return comparison_page(compare_runs(traces, [EVIL, "<i>b</i>"]))


def large_sweep_page(folder):
    """5,000 points, of which some have failed with a script for a message."""
    return sweep_page(read_sweep(write_sweep(folder)))


def large_trace(n_pe=152, n_timesteps=100):
    """As many stretches as the paper's program has on the whole chip: a dozen in each step."""
    story = Story(n_pe=n_pe, n_timesteps=n_timesteps)
    charges = tuple((f"function_{number}.part", 20 + number) for number in range(10))
    work = sum(cycles for _, cycles in charges)
    for pe in range(n_pe):
        for timestep in range(n_timesteps):
            wait = 5 + (pe * 7 + timestep) % 40
            story.step(pe, timestep, work + wait, *charges)
            story.wait(pe, timestep, "sync", work, work + wait)
            story.wait(pe, timestep, "timer", work + wait, PERIOD)
    spikes = [(key % n_pe, step, key) for step in range(n_timesteps) for key in range(step % 60)]
    story.rows("spikes", *spikes)
    story.rows("links", *((link, 9 * (link + 1), link) for link in range(len(LINKS))))
    layout = [[f"w_{number}", "float32", [64, 8], 2_048, True] for number in range(20)]
    return story.trace(links=LINKS, layouts=[layout] * n_pe)
