"""Whether programs kept the promises that they gave barriers, compiled."""
