"""The host and the input buffers (``hw.host``), compiled."""
