"""A benchmark that keeps a core busy all the time, for measuring power."""

from firmware_models.coremark.firmware import Coremark, CoremarkParameters

__all__ = ["Coremark", "CoremarkParameters"]
