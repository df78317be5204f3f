"""Small firmwares for the tests; a scenario names them ``tests.hw.programs:Script``."""

from itertools import chain, repeat
from types import MappingProxyType

import numpy as np

from spinn2sim.errors import FirmwareError
from spinn2sim.firmware import FirmwareParameters, Frame, Inbox, SramLayout


class ScriptParameters(FirmwareParameters):
    programs: tuple = ((),)
    """For each PE its ops, each a method of PEContext and its arguments; the last for the rest."""
    n_bytes: int = 0
    """Size of the one array."""


class Script:
    """Runs the ops it is told and keeps what they answered."""

    Parameters = ScriptParameters
    costs = None
    sizes = MappingProxyType({})

    def __init__(self, parameters, context):
        self.pe = context
        programs = parameters.programs
        self.ops = programs[min(context.pe, len(programs) - 1)]
        self.layout = SramLayout()
        self.layout.array("array", (parameters.n_bytes,), np.uint8)
        self.answers = []

    def main(self):
        for name, *arguments in self.ops:
            answer = yield from getattr(self.pe, name)(*arguments)
            self.answers += plain(answer)

    def readout(self):
        return {"answers": np.array(self.answers, float)}


def plain(answer):
    """*answer* of any op as a list of numbers."""
    match answer:
        case None:
            return []
        case Inbox(keys, payloads):
            return [len(keys), *keys.tolist(), *plain(dict(sorted(payloads.items())))]
        case Frame(values, target):
            return [*values.tolist(), target]
        case dict():
            return [number for key, item in answer.items() for number in [key, *plain(item)]]
        case tuple() | list():
            return list(answer)
        case _:
            return [answer]


class ForEver:
    """Does its first ops, then one op again and again."""

    class Parameters(FirmwareParameters):
        first: tuple = ()
        op: tuple = ()

    costs = None
    sizes = MappingProxyType({})

    def __init__(self, parameters, context):
        self.pe, self.layout, self.parameters = context, SramLayout(), parameters

    def main(self):
        other = 1 - self.pe.pe
        for name, *arguments in chain(self.parameters.first, repeat(self.parameters.op)):
            named = [other if argument == "other" else argument for argument in arguments]
            yield from getattr(self.pe, name)(*named)

    def readout(self):
        return {}


class Mixed(Script):
    """Uses every op, with work and packets that differ from PE to PE and depend on the seed."""

    class Parameters(FirmwareParameters):
        pass

    def __init__(self, _parameters, context):
        self.pe, self.layout, self.answers = context, SramLayout(), []
        self.layout.array("array", (8,), np.uint8)
        rng = np.random.default_rng([context.seed, context.pe])
        after = (context.pe + 1) % context.n_pe
        neighbour = context.pe ^ 1
        steps = context.workload.n_samples * context.workload.n_timesteps
        self.ops = [("compute", "boot", 1_000 * context.pe)]
        for step in range(steps):
            keys = rng.integers(0, 2**32, rng.integers(0, 9)).tolist()
            self.ops += [
                ("wait_timer",),
                ("compute", "fast", int(rng.integers(0, 50))),
                ("read_input",),
                ("multicast", keys),
                ("multicast", [step * 100 + context.pe], ((float(context.pe), 0.25),)),
                ("dma_write", after, "block", (step, context.pe), 100 * context.pe),
                ("compute", "slow", int(rng.integers(0, 20_000))),
                ("share", "shared", (step, 10 * context.pe), 2),
                ("wait_dma",),
                ("barrier",),
                ("take_dma", "block"),
                ("read_neighbour", neighbour, "shared"),
                ("log", "step", step),
                ("barrier",),
            ]
            # Everybody calls once and hears all others: which packets come is no matter of time.
            self.ops += [("multicast", [context.pe]), ("receive", context.n_pe - 1), ("barrier",)]


class MixedAtLowest(Mixed):
    """The same at the lowest performance level, which it sets first."""

    def __init__(self, parameters, context):
        super().__init__(parameters, context)
        self.ops = [("set_level", 0), *self.ops]


class PingPong(ForEver):
    """PE 0 calls PE 1, which answers, and so on for ever."""

    def main(self):
        while True:
            if self.pe.pe == 0:
                yield from self.pe.multicast([0])
                yield from self.pe.receive()
            else:
                yield from self.pe.receive()
                yield from self.pe.multicast([1])


class NoProgram(ForEver):
    """Forgot to yield."""

    def main(self):
        return None


class YieldsNumbers(ForEver):
    """Yields what is no op."""

    def main(self):
        yield 5


class Slices(Script):
    """An array of 1,000 bytes a neuron, spread over the PEs like the neurons of e-prop."""

    class Parameters(FirmwareParameters):
        n_neurons: int = 10

    def __init__(self, parameters, context):
        self.pe, self.layout, self.ops = context, SramLayout(), ()
        n = parameters.n_neurons
        if context.n_pe > n:
            raise FirmwareError(context.pe, "more PEs than neurons", "use fewer")
        own = range(context.pe * n // context.n_pe, (context.pe + 1) * n // context.n_pe)
        self.layout.array("weights", (1_000 * len(own),), np.uint8)
        self.answers = []


class NoFirmware:
    """Lacks nearly everything."""

    class Parameters(FirmwareParameters):
        pass


class NoLayout(NoFirmware):
    """Lacks what only an instance could have."""

    costs = None

    def __init__(self, parameters, context):
        pass

    def main(self):
        yield

    def readout(self):
        return {}
