"""LIF neurons with fixed weights: the network of the tutorial, with measured cycles."""

from firmware_models.lif.firmware import Lif
from firmware_models.lif.parameters import LifParameters

__all__ = ["Lif", "LifParameters"]
