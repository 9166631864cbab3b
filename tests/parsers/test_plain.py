from typing import Any

import numpy as np
import pytest

from aiida_slabrelax.parsers.plain import without_gaps

NAN, INF = float('nan'), float('inf')


@pytest.mark.parametrize(
    ('value', 'cleaned'),
    [
        (1.5, 1.5),
        (NAN, None),
        ({'a': NAN, 'b': INF, 'c': 2, 'd': True}, {'c': 2, 'd': True}),
        ([1.0, -INF], None),
        ({'forces': [[0.0, NAN]], 'names': ['x']}, {'names': ['x']}),
        (np.array([1.0, 2.0]), [1.0, 2.0]),
        (np.float64(3.0), 3.0),
        ('NaN', 'NaN'),
        (None, None),
    ],
)
def test_numbers_that_are_none_are_left_out(value: Any, cleaned: Any) -> None:
    assert without_gaps(value) == cleaned
