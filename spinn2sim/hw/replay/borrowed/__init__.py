"""What a core does with its own time (``hw.core``, and the paying in ``hw.pe``), compiled."""
