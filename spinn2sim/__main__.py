"""``python -m spinn2sim``: the command line, where ``spinn2sim`` is not on the path."""

from __future__ import annotations

from spinn2sim.cli import main

main()
