"""Neuron-based division: a PE works for the input, the recurrent or the readout neurons."""

from firmware_models.eprop.neuron_based.program import NeuronBased

__all__ = ["NeuronBased"]
