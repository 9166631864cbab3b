"""The lowest of several lines."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from aiida_slabrelax.energetics import Lowest, lower_envelope

numbers = st.floats(-5, 5).map(lambda number: round(number, 3))


def test_two_lines_that_cross() -> None:
    assert lower_envelope({'a': (1.0, 1.0), 'b': (0.0, 0.0), 'c': (3.0, 0.0)}, -3.0, 2.0) == [
        Lowest('a', -3.0, -1.0),
        Lowest('b', -1.0, 2.0),
    ]


def test_no_lines() -> None:
    assert lower_envelope({}, 0.0, 1.0) == []


@settings(derandomize=True, database=None)
@given(
    st.dictionaries(st.sampled_from('abcdef'), st.tuples(numbers, numbers), min_size=1),
    st.lists(st.floats(0, 1), min_size=5, max_size=5),
)
def test_the_pieces_adjoin_and_are_the_lowest(
    lines: dict[str, tuple[float, float]], fractions: list[float]
) -> None:
    pieces = lower_envelope(lines, -2.0, 1.0)
    assert [piece.end_ev for piece in pieces[:-1]] == [piece.start_ev for piece in pieces[1:]]
    assert (pieces[0].start_ev, pieces[-1].end_ev) == (-2.0, 1.0)
    for piece in pieces:
        for fraction in fractions:
            where = piece.start_ev + fraction * (piece.end_ev - piece.start_ev)
            values = {label: value + slope * where for label, (value, slope) in lines.items()}
            assert values[piece.label] <= min(values.values()) + 1e-9
