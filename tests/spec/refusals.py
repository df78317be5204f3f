"""What is said of presets with changes that cannot be used."""

import pytest

from spinn2sim.errors import SpecError
from spinn2sim.spec import load_scenario


def preset_refusal(preset="paper-12pe", **options):
    with pytest.raises(SpecError) as refused:
        load_scenario(preset=preset, **options)
    return str(refused.value)
