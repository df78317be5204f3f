"""Sets of small numbers as the bits of one, compiled."""
