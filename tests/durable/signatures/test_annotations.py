"""The annotations of functions, also of names that only type checkers import."""

from __future__ import annotations

import typing
from typing import TYPE_CHECKING, Any

from aiida import orm

from aiida_slabrelax.durable.signatures.annotations import read_annotations

if TYPE_CHECKING:
    import collections.abc as abc
    import fractions
    from decimal import Decimal as Number

    from no_such_module import Nothing


def f(x: int, n: Number, q: fractions.Fraction, s: abc.Sequence[int], y: Nothing) -> orm.Dict: ...


def test_names_for_type_checkers_are_imported() -> None:
    import collections.abc
    import decimal
    import fractions

    annotations, unread = read_annotations(f)
    expected: dict[str, Any] = {
        'x': int,
        'n': decimal.Decimal,
        'q': fractions.Fraction,
        's': collections.abc.Sequence[int],
        'return': orm.Dict,
    }
    assert annotations == expected
    assert unread == {'y': "'Nothing': name 'Nothing' is not defined"}


def test_annotations_that_can_be_read_are_those_of_python() -> None:
    assert read_annotations(read_annotations)[0] == typing.get_type_hints(read_annotations)
