"""PEs and the links to them, in a window that is taken whole."""
