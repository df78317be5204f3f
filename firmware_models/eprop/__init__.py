"""E-prop, online learning in a recurrent spiking network, spread over PEs by synapse."""

from firmware_models.eprop.firmware import Eprop
from firmware_models.eprop.network import gather
from firmware_models.eprop.parameters import EpropParameters

__all__ = ["Eprop", "EpropParameters", "gather"]
