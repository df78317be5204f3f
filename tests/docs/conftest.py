"""A reader of the documentation."""

import pytest

from tests.docs.pages import Reader


@pytest.fixture
def reader(cli):
    """Somebody who follows a page, in an empty folder."""
    return Reader(cli)
