"""Packets that do not arrive, or late: faults on links, and drops after waiting. Compiled."""
