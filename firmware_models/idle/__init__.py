"""A core that sleeps, for measuring power."""

from firmware_models.idle.firmware import Idle, IdleParameters

__all__ = ["Idle", "IdleParameters"]
