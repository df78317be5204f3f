"""Which links do something in a cycle: the wheel, and how links get into it."""
