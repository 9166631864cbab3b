"""Errors in one line."""

from __future__ import annotations

import pytest

from aiida_slabrelax.cli.errors import one_line


@pytest.mark.parametrize(
    ('error', 'line'),
    [
        (ValueError('two\n  lines'), 'two lines'),
        (KeyError('misc'), "there is no 'misc'"),
        (ValueError(), 'ValueError'),
        (ValueError('invalid attribute value `fix` is odd'), '`fix` is odd'),
        (ValueError("Error occurred validating port 'inputs': `fix` is odd"), '`fix` is odd'),
    ],
)
def test_one_line(error: Exception, line: str) -> None:
    assert one_line(error) == line
