"""Comms, DMA and their way into the NoC (``hw.comms``, ``hw.dma``), compiled."""
