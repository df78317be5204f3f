"""What routers and the links to them do in a cycle of a window that is taken whole."""
