"""Lists of flits, compiled."""
