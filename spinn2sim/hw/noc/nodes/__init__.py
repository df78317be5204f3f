"""Nodes of multicast trees, compiled."""
