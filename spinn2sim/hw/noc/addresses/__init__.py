"""Arrays as the compiled kernels take them, compiled."""
