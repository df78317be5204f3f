"""Whether a window may be taken whole."""
