"""What a scenario says of its links' faults, as the NoC takes it."""

from __future__ import annotations

from spinn2sim.hw.faults.draws import Draws
from spinn2sim.hw.noc.faults import LinkFaults
from spinn2sim.spec.faults import ChipLinkFaults, FaultsSpec, NocLinkFaults


def link_faults(faults: FaultsSpec, draws: Draws) -> LinkFaults | None:
    """The faults of all links; None if *faults* names none."""
    if faults.noc_links is None and faults.chip_links is None:
        return None
    on_chip = faults.noc_links or NocLinkFaults()
    between = faults.chip_links or ChipLinkFaults()
    return LinkFaults(
        seed=draws.link_seed,
        noc_loss=on_chip.loss,
        chip_loss=between.loss,
        bit_error=between.bit_error,
        max_resends=between.max_resends,
    )
