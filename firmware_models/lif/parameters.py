"""What a scenario may say of a network of LIF neurons."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from spinn2sim.firmware import FirmwareParameters

Size = Annotated[int, Field(ge=1)]


class LifParameters(FirmwareParameters):
    """Sizes, and where the weights come from."""

    n_in: Size = 80
    """Inputs of a time step."""
    n_rec: Size = 120
    """Neurons of all populations."""
    n_out: Size = 12
    """The last of them, which are the output."""
    network: str = ""
    """NPZ file as `spinn2sim network` writes it; none draws weights between all from the seed."""
    cost_table: str = "measured"
    """Name in ``costs/``, or a file."""
