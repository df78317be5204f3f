"""Matrices that are kept in 16 bit: computed on in float32, and rounded as they are written."""

from firmware_models.eprop.half.storage import Storage

__all__ = ["Storage"]
