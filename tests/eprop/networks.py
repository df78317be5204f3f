"""Small networks, inputs that make them spike, and ways to run them."""

import numpy as np

from firmware_models.eprop import Eprop, EpropParameters, kernels
from firmware_models.eprop.network_slice import NetworkSlice
from firmware_models.eprop.training.learner import NO_OTHERS
from spinn2sim.firmware import Frame, PEContext, WorkloadShape
from spinn2sim.firmware.untimed import run_untimed

#: Scale of the input at which a network of the set spikes in roughly a tenth of its steps.
DRIVE = {"authors": 4.0, "authors-exact": 4.0, "paper-text": 0.3}


def parameters_of(parameter_set="authors", n_in=7, n_rec=12, n_out=5, **given):
    return EpropParameters(
        parameter_set=parameter_set, n_in=n_in, n_rec=n_rec, n_out=n_out, **given
    )


def context_of(parameters, n_timesteps=40, n_samples=1, *, pe=0, n_pe=1, seed=1):
    shape = WorkloadShape(n_samples, n_timesteps, parameters.n_in, parameters.n_out)
    return PEContext(pe, n_pe, seed, shape, steps_per_buffer=5)


def sample_of(parameters, n_timesteps=40, seed=0):
    """A noisy pattern (n_timesteps, n_in) and its target."""
    rng = np.random.default_rng([7, seed])
    pattern = rng.standard_normal(parameters.n_in)
    noise = rng.standard_normal((n_timesteps, parameters.n_in))
    x = DRIVE[parameters.parameter_set] * (pattern + noise)
    return x.astype(np.float32), int(rng.integers(parameters.n_out))


def frames_of(parameters, n_timesteps, n_samples):
    samples = [sample_of(parameters, n_timesteps, seed) for seed in range(n_samples)]
    return [Frame(values, target) for x, target in samples for values in x]


def firmwares_of(parameters, n_pe, n_timesteps=40, n_samples=1):
    def context(pe):
        return context_of(parameters, n_timesteps, n_samples, pe=pe, n_pe=n_pe)

    return [Eprop(parameters, context(pe)) for pe in range(n_pe)]


def train(parameters, n_pe, n_timesteps=40, n_samples=1):
    """The firmwares after *n_samples*, and what the run noted."""
    firmwares = firmwares_of(parameters, n_pe, n_timesteps, n_samples)
    return firmwares, run_untimed(firmwares, frames_of(parameters, n_timesteps, n_samples))


def slice_of(parameters, n_timesteps=40, seed=1, arithmetic=kernels):
    """The whole network on one PE."""
    return NetworkSlice(parameters, context_of(parameters, n_timesteps, seed=seed), arithmetic)


def learn_sample(net, x, target):
    """One sample without any program; answers its spikes (n_timesteps, n_rec) and its loss."""
    net.state.reset()
    spikes = []
    for values in x:
        net.neuron_step(values)
        spikes.append(net.state.z.copy())
        net.trace_step(NO_OTHERS)
    net.sum_output()
    judgement = net.form_error(target)
    net.learn()
    return np.array(spikes), judgement.loss
