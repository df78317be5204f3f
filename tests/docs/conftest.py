"""A reader of the documentation."""

import pytest

from tests.docs.pages import DOCS, Reader


@pytest.fixture
def reader(cli, tmp_path):
    """Somebody who follows a page, in a folder with what pages take from the repository: ELFs."""
    for name in ("firmware_models", "tests"):
        (tmp_path / name).symlink_to(DOCS.parent / name)
    return Reader(cli)
