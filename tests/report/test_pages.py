"""Whole pages of a terminal for a run in which all happens once; each number by hand.

``eventful`` says what happens. A cycle is a microsecond and a period a millisecond; the chip takes
75.2 mW with its PEs off, a PE asleep 1.054 mW and a busy cycle 8.3 pJ, the paper's PE 21.59 uW.
"""

import io

import pytest
from rich.console import Console

from spinn2sim.report import summarise
from spinn2sim.report.compare_terminal import print_comparison
from spinn2sim.report.comparison import compare_runs
from spinn2sim.report.explain import explain
from spinn2sim.report.power import power_report
from spinn2sim.report.power_terminal import print_power, print_training
from spinn2sim.report.terminal import print_run
from spinn2sim.report.training_energy import training_energy
from spinn2sim.spec import load_published
from tests.report.traces import Story, eventful

RUN = """
DOES NOT FIT: bound by compute (25% over); timer tick overran in 1 of 4 steps,
first on PE 0 in b; 2 late packets; 4 packets lost
story on 2 PEs at 1 MHz; latest step 250 cycles late, period 1,000

Clock profile: cycles per step
function   mean   min PE   max PE    share
a           240      200      280    46.4%
b           278        0      555    53.6%

sum         518                     100.0%

Clock profile: cycles per sample
function   mean   min PE   max PE    share
u            20        0       40   100.0%

sum          20                     100.0%

Where the time of a step went
mean over PEs and steps             cycles   of period
compute                                528       52.8%
asleep until the next step             235       23.5%
waiting for spikes and sync flags       25        2.5%
waiting for the host                    12        1.2%

SRAM of the fullest PE, 0
variable    shape    bytes
w           30x20    2,400
1 smaller              100

sum                  2,500
available           73,728
real time  timer tick overran in 1 of 4 steps; 2 late packets, 1 late input
response   565 cycles mean, 1,250 longest, period 1,000
PEs busy   52.8% mean, 28.0% (PE 1) to 77.5% (PE 0)
memory     2,500 of 73,728 B on the fullest PE; 4.0 KB in all
network    1,000 weights
NoC        5 multicast packets, 4 lost; busiest link inject PE 0 5.333%
           longest queue 4 packets, QPE 0,0 -> QPE 1,0, first at 0.7 ms
           fullest receive FIFO 6 events, PE 1, first at 0.9 ms
host       2 refills, under way 12.9% of the time
energy     0.000174 J, 77.32 mW by the chip model
energy     9.715e-08 J, 0.04318 mW by the paper model
hits       3 logged, mean

Routers that forwarded most
router   flits   longest queue   at ms   lost   resent   dropped
(0,0)       54               4     0.7      4        0         0

Ledger: what went wrong
what                       count   places                first   in step   at ms
steps that ended after         1        1                 PE 0         2       2
their deadline
packets sent after the         2        1                 PE 0         2     2.1
deadline of their step
waits for input that the       1        1                 PE 1         0     0.5
host had not written
packets lost on links          4        1   QPE 0,0 -> QPE 1,0         1     1.5
DMA attempts that failed       2        1                 PE 0         0     0.7
and were started again

This run leans on 11 guesses (what each may be):
  chip.qpes: [[0, 0], [1, 0], [0, 1], [1, 1]] (-)
  chip.pe.wake_cycles: 10 (0 to 40)
  chip.noc.fifo_flits: 4 (2 to 8)
  chip.noc.inject_cycles: 4 (2 to 10)
  chip.noc.eject_cycles: 4 (2 to 10)
  chip.noc.multicast: per_qpe (-)
  chip.comms.fifo_events: 1,024 (64 to 4096)
  chip.comms.crossing_cycles: 2 (1 to 4)
  host.latency: 30us (15us to 100us)
  host.write_rate: 50Mbit/s (5Mbit/s to 500Mbit/s)
  power.flit_hop_pj: 10.0 (3 to 30)
"""

POWER = """
chip model  0.000174 J in 0.00225 s, 77.32 mW
paper model  9.715e-08 J in 0.00225 s, 0.04318 mW

Chip model by part, level 0.5 V
part                       mJ         mW   share
chip with PEs off      0.1692       75.2   97.3%
PEs asleep           0.004743      2.108    2.7%
busy cycles         1.751e-05   0.007784    0.0%
NoC flit-hops         5.4e-07    0.00024    0.0%

Power in windows of 1 ms, mW
from ms    chip   PEs asleep   busy   busiest PE   least busy PE
0         77.31         2.11   0.01         0.00            0.00
1         77.32         2.11   0.01         0.01            0.00
2         77.32         2.11   0.01         0.01            0.00

PEs
              asleep mJ     busy mJ
least: PE 1    0.002371   4.648e-06
most: PE 0     0.002371   1.286e-05
mean of 2      0.002371   8.756e-06

Busy cycles by function
function          mJ   share
b          9.213e-06   52.6%
a          7.968e-06   45.5%
u           3.32e-07    1.9%
"""

QUIET = """
FITS: bound by compute (90% left); would overrun first: PE 0 in a
story on 2 PEs at 1 MHz; least slack 900 of 1,000 cycles (90%)

Clock profile: cycles per step
function   mean   min PE   max PE    share
a            50        0      100    99.0%
c             0        0        1     1.0%

sum          50                     100.0%

Where the time of a step went
mean over PEs and steps      cycles   of period
compute                          50        5.1%
asleep until the next step      475       47.5%

SRAM of the fullest PE, 0
variable    shape    bytes
sum                      0
available           73,728
real time  timer tick overran in 0 of 4 steps; 0 late packets, 0 late inputs
response   50 cycles mean, 100 longest, period 1,000
PEs busy   5.1% mean, 0.1% (PE 1) to 10.0% (PE 0)
memory     0 of 73,728 B on the fullest PE; 0.0 KB in all
NoC        0 multicast packets, 0 lost; busiest link none
host       0 refills, under way 0.0% of the time
energy     0.0001546 J, 77.31 mW by the chip model
energy     8.636e-08 J, 0.04318 mW by the paper model

This run leans on 1 guess (what each may be):
  chip.pe.wake_cycles: 10 (0 to 40)
"""

WORKING = """
chip model  0.001714 J in 0.022 s, 77.91 mW
paper model  9.5e-05 J in 0.022 s, 4.318 mW

Chip model by part, level 0.5 V
part                     mJ       mW   share
chip with PEs off     1.654     75.2   96.5%
PEs asleep          0.04638    2.108    2.7%
busy cycles         0.01321   0.6002    0.8%
NoC flit-hops             0        0    0.0%

Power in windows of 1 ms, mW
from ms    chip   PEs asleep   busy   busiest PE   least busy PE
0         77.81         2.11   0.50         0.50            0.00
1         77.81         2.11   0.51         0.50            0.01
2         77.82         2.11   0.51         0.50            0.02
3         78.16         2.11   0.85         0.83            0.02
4         77.84         2.11   0.53         0.50            0.03
5         77.85         2.11   0.54         0.50            0.04
6         77.86         2.11   0.55         0.50            0.05
7         77.86         2.11   0.56         0.50            0.06
8         77.87         2.11   0.56         0.50            0.07
9         77.88         2.11   0.57         0.50            0.07
...
12        77.91         2.11   0.60         0.50            0.10
13        77.91         2.11   0.61         0.50            0.11
14        77.92         2.11   0.61         0.50            0.12
15        77.93         2.11   0.62         0.50            0.12
16        77.94         2.11   0.63         0.50            0.13
17        77.95         2.11   0.64         0.50            0.14
18        77.96         2.11   0.65         0.50            0.15
19        77.96         2.11   0.66         0.50            0.16
20        77.97         2.11   0.66         0.50            0.17
21        77.98         2.11   0.67         0.50            0.17

PEs
              asleep mJ    busy mJ
least: PE 1     0.02319   0.001917
most: PE 0      0.02319    0.01129
mean of 2       0.02319   0.006603

Busy cycles by function
function         mJ   share
a           0.01129   85.5%
b          0.001917   14.5%
"""

LONG_TRAINING = """
Training: 30 epochs of 70,374 samples, 2,932.2 h on the machine
model                   J per sample   kJ per epoch   kJ in all        against
paper                      0.0001079       0.007597         0.2   2882.8x less
chip                          0.3813          26.83       805.0      1.2x more
chip without baseline       0.005312         0.3738        11.2     58.6x less

V100 GPU                                                    657             EP
"""

TRAINING = """
Training: 30 epochs of 70,374 samples, 1.3 h on the machine
model                  J per sample   kJ per epoch   kJ in all           against
paper                     9.715e-08      6.837e-06         0.0   3203072.2x less
chip                       0.000174        0.01224         0.4      1788.9x less
chip without              4.761e-06      0.0003351         0.0     65362.5x less
baseline

V100 GPU                                                   657                EP
"""

COMPARISON = """
one: DOES NOT FIT: bound by compute (25% over); timer tick overran in 1 of 4
steps, first on PE 0 in b; 2 late packets; 4 packets lost
two: FITS: bound by compute (90% left); would overrun first: PE 0 in a

Figures
                                        one           two    change
fits                                     no           yes
response_cycles                       1,250           100    -92.0%
slack_cycles                           -250           900   +460.0%
tightest.timestep                         1             0   -100.0%
tightest.label                            b             a
cycles_per_step                       517.5          50.5    -90.2%
waiting_cycles_per_step.timer           235        474.75   +102.0%
waiting_cycles_per_step.sync             25             0   -100.0%
waiting_cycles_per_step.host           12.5             0   -100.0%
sram_bytes_total                      4,109             0   -100.0%
sram_bytes_max_pe                     2,500             0   -100.0%
n_weights                             1,000             0   -100.0%
overruns                                  1             0   -100.0%
late_packets                              2             0   -100.0%
late_inputs                               1             0   -100.0%
packets_sent                              5             0   -100.0%
packets_lost                              4             0   -100.0%
noc_link_utilisation              0.0533333             0   -100.0%
host_utilisation                   0.128889             0   -100.0%
ledger.deadline_miss                      1             0   -100.0%
ledger.late_packet                        2             0   -100.0%
ledger.late_input                         1             0   -100.0%
ledger.packet_lost                        4             0   -100.0%
ledger.dma_retry                          2             0   -100.0%
energy_j.chip                   0.000173961   0.000154618    -11.1%
energy_j.paper                   9.7155e-08     8.636e-08    -11.1%
simulated_s                         0.00225         0.002    -11.1%
log.hits                                  3             -

Cycles per function, mean over PEs
                 one   two   change
a per step       240    50   -79.2%
b per step     277.5     -
u per sample      20     -
c per step         -   0.5
"""

SUMMARY = {
    "schema": 1,
    "name": "story",
    "fits": False,
    "verdict": (
        "DOES NOT FIT: bound by compute (25% over); timer tick overran in 1 of 4 steps, first on "
        "PE 0 in b; 2 late packets; 4 packets lost"
    ),
    "bound_by": "compute",
    "utilisation": {"compute": 1.25, "memory": 2_500 / 73_728, "noc": 0, "host": 290 / 2_250},
    "clock_hz": 1_000_000,
    "n_pe": 2,
    "n_steps": 2,
    "n_samples": 1,
    "period_cycles": 1_000,
    "response_cycles": 1_250,
    "slack_cycles": -250,
    "tightest": {"pe": 0, "timestep": 1, "label": "b"},
    "cycles_per_step": 517.5,
    "label_share": {"a": 240 / 517.5, "b": 277.5 / 517.5},
    "multiply_share": None,
    "cycles_per_update": 0,
    "update_over_step": 0,
    "waiting_cycles_per_step": {
        "timer": 235,
        "sync": 25,
        "host": 12.5,
        "dma": 0,
        "packets": 0,
        "sram": 0,
        "clock": 0,
    },
    "sram_bytes_total": 4_109,
    "sram_bytes_max_pe": 2_500,
    "sram_bytes_available": 73_728,
    "n_weights": 1_000,
    "overruns": 1,
    "late_packets": 2,
    "late_inputs": 1,
    "packets_sent": 5,
    "packets_lost": 4,
    "noc_link_utilisation": 120 / 2_250,
    "host_utilisation": 290 / 2_250,
    "ledger": {
        "deadline_miss": 1,
        "late_packet": 2,
        "late_input": 1,
        "packet_dropped": 0,
        "packet_overwritten": 0,
        "packet_lost": 4,
        "packet_timed_out": 0,
        "packet_resent": 0,
        "host_stall": 0,
        "dma_retry": 2,
        "dma_failure": 0,
        "pe_death": 0,
        "slow_pe": 0,
    },
    "energy_j": {
        "chip": (75.2e-3 + 2 * 1.054e-3) * 2.25e-3 + 2_110 * 8.3e-12 + 54 * 10e-12,
        "paper": 2 * 21.59e-6 * 2.25e-3,
    },
    "simulated_s": 0.00225,
    "log": {"hits": 3},
}

EXPLANATIONS = {
    "slack_cycles": """\
slack_cycles = -250
period = 0.001 s x 1,000,000 Hz = 1,000 cycles
least slack: PE 0 in timestep 1
  busy                             1,250 cycles
  response                         1,250 from release to end
slack = period - response = -250
1 of 4 steps overran; first: PE 0, timestep 1, b
""",
    "waiting_cycles_per_step": """\
waiting_cycles_per_step:
  timer = 235.0
  sync = 25.0
  host = 12.5
  dma = 0.0
  packets = 0.0
  sram = 0.0
  clock = 0.0
cycles / 4 steps of all PEs; timer is the sleep up to the next step
  timer                 940 / 4 = 235.00
  sync                  100 / 4 = 25.00
  host                   50 / 4 = 12.50
  dma                     0 / 4 = 0.00
  packets                 0 / 4 = 0.00
  sram                    0 / 4 = 0.00
  clock                   0 / 4 = 0.00
""",
    "sram_bytes_max_pe": """\
sram_bytes_max_pe = 2500
sum of the arrays that the firmware allocates; PE 0, the fullest:
  w                               30x20 float32        2,400 B
  v                                  25 float32          100 B
  sum 2,500 B
available: 98,304 - 24,576 = 73,728 B
  chip.pe.sram.data_bytes = 96KB (published: EP)
  chip.pe.sram.reserved_bytes = 24KB (published: EP)
all 2 PEs: 4,109 B = 4.0 KB
""",
    "n_weights": """\
n_weights = 1000
elements of the arrays that hold weights, over all PEs:
  w                               1,000
  sum 1,000
""",
    "energy_j": """\
energy_j:
  chip = 0.00017396105300000002
  paper = 9.715499999999999e-08
chip model, level 0.5 V, over 0.002250 s:
  chip with PEs off    0.0752 W x 0.002250 s = 0.000169200 J
  PEs asleep           2 x 0.001054 W x 0.002250 s = 0.000004743 J
  busy cycles          2,110 x 8.3 pJ = 0.000000018 J
  NoC flit-hops        54 x 10 pJ = 0.000000001 J
  sum                  0.000173961 J
  source of baseline_mw: measured: CHIP: whole chip, PEs off
  source of levels: derived: CHIP: from whole-chip power asleep and running
    CoreMark; the final chip's, an FPGA draws more
  source of flit_hop_pj: guess
paper model:
  21.59 uW/MHz x 1 MHz x 2 PEs x 0.002250 s = 0.000000097 J
  source of paper_uw_per_mhz: measured: EP: one core, CoreMark, 100 MHz, 0.5 V
""",
    "simulated_s": """\
simulated_s = 0.00225
from the first release to the last deadline, or to the end if that is later
2 steps x 0.001 s = 0.002000 s
and 0.000250 s after the last deadline
""",
    "utilisation": """\
utilisation:
  compute = 1.25
  memory = 0.03390842013888889
  noc = 0.0
  host = 0.1288888888888889
  compute 1.2500 = 1,250 busy cycles in the busiest step / 1,000
  memory 0.0339 = 2,500 B / 73,728 B
  noc 0.0000 = 0 cycles / 1,000: longest wait in a step for others, of the PE
    that waits least, or for an own DMA
  host 0.1289 = the larger of its path's load, 0.1289, and the longest wait for
    it in a step, 50 cycles / 1,000
  bound by compute: it took most of the first step that overran
""",
    "host_utilisation": """\
host_utilisation = 0.1288888888888889
share of the time from the first release to the last end in which a refill of
an input buffer was under way; the first filling comes before the first release
2 refills with the first filling, 96 B: share 0.128889
  host.write_rate = 50Mbit/s (guess)
  host.ethernet_rate = 1Gbit/s (published: CHIP)
  host.latency = 30us (guess)
""",
    "packets_sent": """\
packets_sent = 5
multicast packets handed to Comms: 5
receptions due, of every kind: 0 = delivered 0 + dropped 0
overwritten after delivery: 0; fullest receive FIFO: 6 events
busiest links, flits x cycles per flit / cycles of the run:
  inject PE 0                        30 flits 5.3333%
  QPE 0,0 -> QPE 1,0                 54 flits 2.4000%
  chip.noc.clock = 1MHz (user: user)
  chip.noc.link_cycles = 1 (derived: CHIP: 38.4 Gbit/s payload at 300 MHz)
  chip.noc.inject_cycles = 4 (guess)
  chip.noc.eject_cycles = 4 (guess)
""",
}


def printed(show, *what):
    """What *show* prints on 80 columns, without rules and the digest."""
    console = Console(file=io.StringIO(), width=80, highlight=False)
    show(console, *what)
    lines = [line.rstrip() for line in console.file.getvalue().splitlines()]
    kept = [line for line in lines if set(line) != {"─"} and not line.startswith("digest")]
    return "\n".join(kept).strip()


@pytest.fixture(scope="module")
def trace():
    return eventful()


def quiet():
    """Two steps of two PEs in time: PE 0 works 100 cycles, PE 1 one."""
    story = Story(n_pe=2, n_timesteps=2).step(0, 0, 100, ("a", 100)).step(0, 1, 100, ("a", 100))
    return story.step(1, 0, 1, ("c", 1)).step(1, 1, 1, ("c", 1)).trace()


def working():
    """22 steps at 100 MHz: PE 0 works 60,000 cycles, PE 1 more and more.

    In step 3, PE 0 works into the next one, in which it has nothing to do. A tick is a third of a
    cycle.
    """
    story = Story(n_pe=2, n_timesteps=22, clock=100_000_000, per_cycle=3)
    for timestep in range(22):
        cycles = {3: 160_000, 4: 0}.get(timestep, 60_000)
        story.step(0, timestep, 3 * cycles, ("a", cycles))
        story.step(1, timestep, 3_000 * timestep, ("b.x", 1_000 * timestep))
    return story.trace()


def test_the_page_of_a_run_that_fits_and_has_little_in_it():
    trace = quiet()
    assert printed(print_run, trace, summarise(trace)) == QUIET.strip()


def test_the_page_of_power_shows_the_ends_of_a_long_run():
    trace = working()
    assert printed(print_power, trace, power_report(trace)) == WORKING.strip()


def test_the_page_of_a_training_that_takes_more_than_the_published_one():
    trace = Story(n_pe=1).step(0, 0, 5_000_000, ("a", 5_000_000)).trace()
    found = training_energy(trace, load_published("eprop-paper"))
    assert printed(print_training, found) == LONG_TRAINING.strip()


def test_the_page_of_a_run(trace):
    assert printed(print_run, trace, summarise(trace)) == RUN.strip()


def test_the_page_of_power(trace):
    assert printed(print_power, trace, power_report(trace)) == POWER.strip()


def test_the_page_of_a_training(trace):
    found = training_energy(trace, load_published("eprop-paper"))
    assert printed(print_training, found) == TRAINING.strip()


def test_the_page_of_a_comparison(trace):
    found = compare_runs([trace, quiet()], ["one", "two"])
    assert printed(print_comparison, found) == COMPARISON.strip()


def test_the_summary_of_a_run(trace):
    found = summarise(trace).as_dict()
    assert found.pop("digest") == trace.digest()
    assert list(found) == list(SUMMARY)
    for key, expected in SUMMARY.items():
        flat = isinstance(expected, dict) and key != "tightest"
        assert found[key] == (pytest.approx(expected) if flat else expected), key


@pytest.mark.parametrize("figure", list(EXPLANATIONS))
def test_an_explanation_has_the_numbers_of_its_run(trace, figure):
    assert explain(trace, figure) == EXPLANATIONS[figure].splitlines()
