"""Amounts as people read them."""

from __future__ import annotations

import pytest

from aiida_slabrelax.results.costs.amounts import format_number


@pytest.mark.parametrize(
    ('value', 'shown'),
    [
        (523, '523'),
        (412.3, '412'),
        (2.314, '2.31'),
        (0.0973, '0.097'),
        (6.72e-5, '0.000067'),
        (0.0, '0'),
    ],
)
def test_no_number_has_an_exponent(value: float, shown: str) -> None:
    assert format_number(value) == shown
