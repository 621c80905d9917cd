"""What tests of the workflows may ask for."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller

from referral.settings import Settings
from tests.postbox import Postbox, free_port
from tests.sheltered import houses, sheltered
from tests.world import World


@pytest.fixture
def home(world: World) -> str:
    """A case whose person lives in Willow."""
    world.later(days=2)
    houses(world)
    return sheltered(world)


@pytest.fixture
def postbox() -> Postbox:
    """What a mail server was given."""
    return Postbox()


@pytest.fixture
def mail(postbox: Postbox, tmp_path: Path) -> Iterator[Settings]:
    """Settings that lead to a mail server of our own."""
    port = free_port()
    server = Controller(postbox, hostname="127.0.0.1", port=port)
    server.start()
    yield Settings(
        data=tmp_path,
        smtp_host="127.0.0.1",
        smtp_port=port,
        smtp_from="lodestar@house.invalid",
        address="https://house.invalid/",
    )
    server.stop()
