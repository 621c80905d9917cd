"""What tests of the workflows may ask for."""

import pytest

from tests.sheltered import houses, sheltered
from tests.world import World


@pytest.fixture
def home(world: World) -> str:
    """A case whose person lives in Willow."""
    world.later(days=2)
    houses(world)
    return sheltered(world)
