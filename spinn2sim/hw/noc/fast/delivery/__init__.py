"""A packet at the PE it is for, in a window that is taken whole."""
