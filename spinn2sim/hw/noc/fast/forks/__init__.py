"""Multicast trees as the pool has them."""
