"""Scenario files in the folder of a test."""

import pytest

from spinn2sim.errors import SpecError
from spinn2sim.spec import load_scenario


@pytest.fixture
def load(tmp_path):
    """Load a scenario file with the given text."""

    def write_and_load(text, **options):
        path = tmp_path / "s.yaml"
        path.write_text(text, encoding="utf-8")
        return load_scenario(path, **options)

    return write_and_load


@pytest.fixture
def refusal(load, tmp_path):
    """The message for a scenario file with the given text; its path is written ``s.yaml``."""

    def load_and_read(text, **options):
        with pytest.raises(SpecError) as refused:
            load(text, **options)
        return str(refused.value).replace(str(tmp_path / "s.yaml"), "s.yaml")

    return load_and_read
