"""What is to come in a replay, compiled."""
