"""What routers do in a cycle, compiled."""
