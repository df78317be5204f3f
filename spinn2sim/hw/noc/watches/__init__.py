"""Who waits for how many deliveries, compiled."""
