"""Learning on the host: the chip's arithmetic without the chip."""
