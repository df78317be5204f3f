"""What the pool takes from the network before a window, and what it leaves there after."""
