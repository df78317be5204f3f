"""Compiled functions that know the arrays of a PE by their addresses."""
