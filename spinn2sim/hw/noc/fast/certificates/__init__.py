"""Whether a window may be taken link by link."""
