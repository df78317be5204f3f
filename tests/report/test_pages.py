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
from spinn2sim.report.power import power_report
from spinn2sim.report.power_terminal import print_power, print_training
from spinn2sim.report.terminal import print_checks, print_run
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
host       2 refills, under way 12.9% of the time
energy     0.000174 J, 77.32 mW by the chip model
energy     9.715e-08 J, 0.04318 mW by the paper model
hits       3 logged, mean

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
