"""Errors: each message in full, and each survives what SimPy and processes do to exceptions."""

import copy
import pickle

import pytest

from spinn2sim import errors

WAITING = tuple((pe, "barrier", 0.01, "sync of PE 9") for pe in range(9))
WAIT_LINES = "".join(
    f"\n  PE {pe} waits in barrier since 10.000000 ms: sync of PE 9" for pe in range(8)
)

MESSAGES = [
    (
        errors.SpecError("s.yaml", ("n_pe = 0: accepted range is 1 to 9", "key 'a' is missing")),
        "s.yaml: n_pe = 0: accepted range is 1 to 9\ns.yaml: key 'a' is missing",
    ),
    (
        errors.MissingFileError("scenario", "s.yaml", "check the path"),
        "scenario not found: s.yaml; check the path",
    ),
    (
        errors.TimebaseError((65_000_001, 300_000_007), 19_500_000_755_000_007, 10**15),
        (
            "clocks 65000001 Hz, 300000007 Hz have a least common multiple of 1.95e+16 Hz, "
            "above the limit of 1e+15 Hz for exact time; use rates in whole kHz or MHz"
        ),
    ),
    (
        errors.SramOverflowError(0, "data", 192_800, 73_728, "spread it over 3 or more PEs"),
        "PE 0: 192,800 B do not fit in 73,728 B of data SRAM; spread it over 3 or more PEs",
    ),
    (
        errors.PlacementError(200, 152, "spinnaker2"),
        (
            "n_pe: 200 PEs do not fit on chip 'spinnaker2', which has 152; "
            "use 1 to 152 PEs or a larger chip"
        ),
    ),
    (
        errors.FirmwareNotFoundError("a.b:C", "No module named 'a'"),
        "firmware: cannot load 'a.b:C': No module named 'a'",
    ),
    (
        errors.FirmwareError(3, "a key of 33 bits", "use 32 bits"),
        "PE 3: a key of 33 bits; use 32 bits",
    ),
    (
        errors.DeadlockError(WAITING[:8], 2, 10),
        f"deadlock: 8 of 10 PEs wait for ever (2 halted){WAIT_LINES}",
    ),
    (
        errors.DeadlockError(WAITING, 1, 10),
        f"deadlock: 9 of 10 PEs wait for ever (1 halted){WAIT_LINES}\n  ... and 1 more PEs",
    ),
    (
        errors.DroppedFlagsError(WAITING[:8], 2, 10, "2 packets were dropped"),
        f"deadlock: 8 of 10 PEs wait for ever (2 halted){WAIT_LINES}\n  2 packets were dropped",
    ),
    (
        errors.StarvationError(3, 7, "1,000 ops without a wait", "wait for the timer"),
        "PE 3 makes no progress after timestep 7: 1,000 ops without a wait; wait for the timer",
    ),
    (
        errors.OverrunError(3, 7, 12_345, "e_prop"),
        (
            "strict: timer tick overran on PE 3 in timestep 7 by 12,345 cycles (in e_prop); "
            "lower the load, raise the clock, or run without strict to have overruns counted"
        ),
    ),
    (
        errors.LostPacketError(3, 5, "drop", 1024),
        (
            "strict: the receive FIFO of PE 3 (1024 events, policy drop) lost 5 packets; raise "
            "chip.comms.fifo_events or use the policy stall"
        ),
    ),
    (
        errors.StrictFaultError("PE 3", "dead since timestep 7"),
        (
            "strict: PE 3: dead since timestep 7; leave it out of faults, or run without strict "
            "to have it counted"
        ),
    ),
    (
        errors.RoutingTableError((0, 1), 20_000, 16_384),
        (
            "chip (0,1): 20,000 routing entries do not fit in the 16,384 of its event router; send "
            "to fewer groups of PEs, place groups on whole chips, or set chip.noc.multicast=tree"
        ),
    ),
    (
        errors.NetworkLossError(7, "chip-link (0,0) E (1,0)", "lost", 0.01),
        (
            "strict: 7 deliveries failed in the network; the first packet was lost, at 'chip-link "
            "(0,0) E (1,0)', 10.000000 ms after the start; send less at a time, allow longer waits "
            "(chip.event_router.drop_cycles, board.drop_cycles), or see to the faults of the "
            "scenario"
        ),
    ),
    (errors.AudioError("a.wav", "empty"), "audio file a.wav: empty"),
    (errors.WorkloadError("a folder", "no audio"), "workload a folder: no audio"),
    (errors.TraceFileError("t.npz", "damaged"), "trace t.npz: damaged"),
    (
        errors.RunFolderError("runs/a"),
        "run folder runs/a exists; choose another --out or pass --force to replace it",
    ),
    (
        errors.DivergenceError("timestep 7", "v is NaN", "lower the learning rate"),
        "timestep 7: v is NaN; lower the learning rate",
    ),
    (
        errors.OutputError("runs/a", "the disk is full", "choose another --out"),
        "output runs/a: the disk is full; choose another --out",
    ),
    (
        errors.WeightsError("w_in", "20 x 80, expected 10 x 80"),
        "weights w_in: 20 x 80, expected 10 x 80; use a checkpoint of the same network",
    ),
    (
        errors.CheckpointError("c.npz", "damaged", "train again"),
        "checkpoint c.npz: damaged; train again",
    ),
    (
        errors.ProcessLostError(3, -9),
        (
            "seed 3: its process ended with exit code -9 (-9 is often too little memory); go on "
            "with --resume and fewer --workers"
        ),
    ),
    (
        errors.StoreError("runs/points", "is a file", "name a folder"),
        "sweep data runs/points: is a file; name a folder",
    ),
    (
        errors.WorkersError("tcp://node1:8786", "no scheduler answers", "start one"),
        "workers tcp://node1:8786: no scheduler answers; start one",
    ),
    (
        errors.MissingExtraError("a VCD file", "pyvcd", "report"),
        "a VCD file needs pyvcd: pip install 'spinn2sim[report]'",
    ),
    (
        errors.ElfError("a.elf", "big-endian", "compile it again"),
        "ELF a.elf: big-endian; compile it again",
    ),
    (
        errors.SymbolError("a.elf", "dto", "is no function", "did you mean 'dot'?"),
        "ELF a.elf: 'dto' is no function; did you mean 'dot'?",
    ),
    (
        errors.EmulationError("dot", "needs more than 64 KB of stack", "bound its recursion"),
        "function 'dot' needs more than 64 KB of stack; bound its recursion",
    ),
]
ONE_OF_EACH = {type(error): error for error, _ in MESSAGES}.values()


@pytest.mark.parametrize(("error", "message"), MESSAGES)
def test_the_message_in_full(error, message):
    assert str(error) == message


def test_every_kind_of_error_is_tested_here():
    kinds = {kind for kind in vars(errors).values() if isinstance(kind, type)}
    assert {type(error) for error in ONE_OF_EACH} == {
        kind
        for kind in kinds
        if issubclass(kind, errors.Spinn2SimError) and kind is not errors.Spinn2SimError
    }


@pytest.mark.parametrize("error", ONE_OF_EACH)
def test_an_error_is_rebuilt_from_its_args_as_simpy_does(error):
    rebuilt = type(error)(*error.args)
    assert (str(rebuilt), rebuilt.args) == (str(error), error.args)


def _through_a_pipe(error):
    return pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, _through_a_pipe])
@pytest.mark.parametrize("error", ONE_OF_EACH)
def test_an_error_survives_copying_and_pickling(error, duplicate):
    copied = duplicate(error)
    assert (type(copied), str(copied), copied.args) == (type(error), str(error), error.args)


@pytest.mark.parametrize("error", ONE_OF_EACH)
def test_every_field_is_an_attribute(error):
    assert tuple(getattr(error, name) for name in error.fields) == error.args


def test_a_name_that_is_no_field_is_no_attribute():
    with pytest.raises(AttributeError, match="pee"):
        _ = errors.FirmwareError(3, "a", "b").pee


@pytest.mark.parametrize("values", [(), (1, 2, 3, 4)])
def test_too_few_or_many_fields_are_a_programming_error(values):
    with pytest.raises(AssertionError):
        errors.FirmwareError(*values)
