"""What a window leaves behind in the network."""
