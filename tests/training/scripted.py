"""Firmwares for the training loop: one that does as it is told, some that are wrong or slow."""

import os
import signal
import time
from typing import ClassVar

import numpy as np

from firmware_models.eprop import Eprop
from spinn2sim.errors import SpecError
from spinn2sim.firmware import FirmwareParameters
from spinn2sim.firmware.learner import Judgement


class ScriptedParameters(FirmwareParameters):
    n_in: int = 6
    right: tuple[int, ...] = ()
    """For each epoch, how many of the validation samples it gets right."""
    spikes: int = 10
    """In each sample."""
    loss: float = 1.0
    n_train: int = 40
    """Samples of an epoch."""


class ScriptedLearner:
    """Its only weight counts the samples that it has learned."""

    n_neurons = 14

    def __init__(self, parameters):
        self.told, self.n_spikes = parameters, parameters.spikes
        self.count, self.n_judged = np.zeros(1), 0

    def learn(self, _, target):
        self.count += 1
        self.n_judged = 0
        return Judgement(self.told.loss, target, correct=True)

    def judge(self, _, target):
        self.n_judged += 1
        epoch = int(self.count[0]) // self.told.n_train
        correct = self.n_judged <= self.told.right[epoch - 1]
        return Judgement(self.told.loss, target if correct else (target + 1) % 4, correct)

    def weights(self):
        return {"count": self.count.copy()}

    state = gradients = weights

    def load_weights(self, weights):
        self.count[:] = weights["count"]

    def restore(self, state):
        self.n_judged = 0
        self.load_weights(state)


class Scripted:
    Parameters = ScriptedParameters
    forms: ClassVar = {"online": 0.0}
    gather = staticmethod(lambda readouts: readouts[0])

    @classmethod
    def learner(cls, parameters, **_):
        return ScriptedLearner(parameters)


class SlowEprop(Eprop):
    """Takes 4 ms more for each sample."""

    @classmethod
    def learner(cls, parameters, **given):
        learner = super().learner(parameters, **given)
        learn = learner.learn

        def learn_slowly(x, target):
            time.sleep(0.004)
            return learn(x, target)

        learner.learn = learn_slowly
        return learner


class FailsForSeed2(Eprop):
    @classmethod
    def learner(cls, parameters, *, seed, **given):
        if seed == 2:
            raise SpecError("seed 2", ("is not liked",))
        return super().learner(parameters, seed=seed, **given)


class DiesForSeed2(Eprop):
    @classmethod
    def learner(cls, parameters, *, seed, **given):
        if seed == 2:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().learner(parameters, seed=seed, **given)


class WrongEprop(Eprop):
    """Its program learns with twice the error on every PE but the first."""

    def __init__(self, parameters, context):
        super().__init__(parameters, context)
        if context.pe:
            learn = self.net.learn

            def learn_twice():
                self.net.state.error *= 2
                learn()

            self.net.learn = learn_twice


class CoarseEprop(Eprop):
    """Claims more of its fast form than that keeps."""

    forms: ClassVar = {"online": 0.0, "fast": 1e-12}
