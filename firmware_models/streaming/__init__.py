"""A layer whose weights do not fit in SRAM: they are streamed from DRAM in each time step."""

from firmware_models.streaming.firmware import Streaming, StreamingParameters

__all__ = ["Streaming", "StreamingParameters"]
