"""What waits for the links that leave a router, four at a time."""
