"""Performance levels of a PE as its firmware knows them: their names, and whether it may choose.

Who may choose is for the scenario to say (``chip.pe.dvfs``). Without it a program that asks for a
level is refused when it makes the op, on whatever machine it runs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import numpy as np

from spinn2sim.errors import FirmwareError

#: What chooses the level when a time step begins and ends; ``fixed`` leaves it as it is.
Policy: TypeAlias = Literal["fixed", "race_to_idle", "lowest_that_meets_deadline"]

POLICIES: tuple[Policy, ...] = get_args(Policy)


@dataclass(frozen=True, slots=True)
class Levels:
    """The performance levels of a PE."""

    names: tuple[str, ...]
    """Their voltages, as ``0.5 V``, slowest first; a level's number is its place here."""
    taken: str = ""
    """Why the firmware may not choose; empty if it may."""
    remedy: str = ""
    """What would let it."""

    def number(self, pe: int, level: int | str) -> int:
        """The number of *level*, itself a number or a name, for PE *pe*.

        :raises FirmwareError: the firmware may not choose, or there is not one such level.
        """
        asked = f"it asks for performance level {level!r}"
        self._refuse_if_taken(pe, asked)
        numbers = range(len(self.names))
        if isinstance(level, str):
            found = [number for number in numbers if self.names[number] == level]
        else:
            found = [int(level)] if _is_whole(level) and level in numbers else []
        if len(found) != 1:
            known = ", ".join(f"{number} ({name!r})" for number, name in enumerate(self.names))
            which = "there is none" if not found else "there are several"
            raise FirmwareError(pe, f"{asked}, and {which}", f"ask for one of {known}")
        return found[0]

    def policy(self, pe: int, policy: str) -> Policy:
        """*policy*, for PE *pe*.

        :raises FirmwareError: the firmware may not choose, or there is no such policy.
        """
        asked = f"it asks for the policy {policy!r}"
        self._refuse_if_taken(pe, asked)
        for known in POLICIES:
            if policy == known:
                return known
        raise FirmwareError(pe, f"{asked}, and there is none", f"ask for {', '.join(POLICIES)}")

    def _refuse_if_taken(self, pe: int, asked: str) -> None:
        if self.taken:
            raise FirmwareError(pe, f"{asked}, and {self.taken}", self.remedy)


#: Of a program that runs without a chip.
NO_LEVELS = Levels((), "it runs without a chip", "give its PEContext the levels of one")


def _is_whole(level: object) -> bool:
    return isinstance(level, int | np.integer) and not isinstance(level, bool)
