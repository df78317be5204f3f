"""What routers and their links do in a cycle of a window that is taken whole."""
