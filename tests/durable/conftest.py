"""What several of the tests of durable workflows need."""

from __future__ import annotations

import sys

import pytest
from aiida import orm


@pytest.fixture(scope='session')
def python(localhost: orm.Computer) -> orm.InstalledCode:
    """This interpreter, on the computer of the tests."""
    code = orm.InstalledCode(localhost, sys.executable, label='python3')
    return code.store()
