"""What becomes of a packet at the PE: receive FIFO and counters, compiled."""
