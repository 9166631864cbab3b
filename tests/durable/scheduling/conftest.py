"""What the tests of the scheduler share."""

import pytest

from aiida_slabrelax.durable.scheduling.scheduler import Scheduler


@pytest.fixture
def scheduler() -> Scheduler:
    return Scheduler(owner='owner')
