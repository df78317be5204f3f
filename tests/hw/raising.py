"""A module that raises while it is imported."""

raise ValueError("no licence")
