"""What is asked of slabs: each option with its default, its meaning and what it may be.

Ports, inputs of calculation functions and options of commands are made from :class:`SlabOptions`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import Field, dataclass, field, fields
from functools import partial
from numbers import Integral, Real
from typing import Any, Literal

GENERATORS = ('exact', 'pymatgen')

CELLS_OF_INDICES = ('given', 'conventional')

MAX_NORMAL_SEARCH = 20
"""The search grows with the cube of its range: at 20 it takes about a second."""


def check_positive(name: str, value: object) -> str | None:
    """Check that a named quantity is a finite number above 0.

    :returns: a message, or None, as of all checks.
    """
    if isinstance(value, bool) or not isinstance(value, Real):
        return f'The {name} must be a number above 0, not {value!r}.'
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if math.isfinite(number) and number > 0:
        return None
    return f'The {name} must be a finite number above 0, not {number}.'


def check_count(name: str, value: Any, highest: float = math.inf) -> str | None:
    """Check that a named number is an integer above 0, and not above the highest."""
    is_integer = not isinstance(value, bool) and isinstance(value, Integral)
    if is_integer and 1 <= int(value) <= highest:
        return None
    allowed = 'an integer above 0' if math.isinf(highest) else f'an integer from 1 to {highest}'
    return f'{name} must be {allowed}, not {value!r}.'


def check_thickness(value: object) -> str | None:
    """Check the minimal thickness of the slab: a finite number above 0 (Å or planes)."""
    return check_positive('minimal slab thickness', value)


def check_vacuum(value: object) -> str | None:
    """Check the minimal thickness of the vacuum: a finite number above 0 (Å or planes)."""
    return check_positive('minimal vacuum thickness', value)


def check_max_atoms(value: object) -> str | None:
    """Check the largest number of atoms of a slab: an integer above 0."""
    return check_count('max_atoms', value)


def check_max_normal_search(value: object) -> str | None:
    """Check how far to search for a c vector along the normal: None or an integer from 1 to 20."""
    return None if value is None else check_count('max_normal_search', value, MAX_NORMAL_SEARCH)


def check_symmetrize(value: object) -> str | None:
    """Check whether slabs must be symmetric: True, False or ``'if_possible'``."""
    if value in (True, False, 'if_possible'):
        return None
    return f"symmetrize must be True, False or 'if_possible', not {value!r}."


def check_generator(value: object) -> str | None:
    """Check that there is such a generator."""
    if value in GENERATORS:
        return None
    return f'generator must be one of {", ".join(GENERATORS)}, not {value!r}.'


def check_indices_of(value: object) -> str | None:
    """Check which cell Miller indices refer to."""
    if value in CELLS_OF_INDICES:
        return None
    return f'indices_of must be one of {", ".join(CELLS_OF_INDICES)}, not {value!r}.'


def _check_switch(name: str, value: object) -> str | None:
    return None if isinstance(value, bool) else f'{name} must be True or False, not {value!r}.'


def _option(meaning: str, check: Callable[[object], str | None], **default: Any) -> Any:
    return field(metadata={'meaning': meaning, 'check': check}, **default)


def _switch(name: str, default: bool, meaning: str) -> Any:
    return _option(meaning, partial(_check_switch, name), default=default)


@dataclass(frozen=True)
class SlabOptions:
    """What is asked of every slab."""

    min_slab_thickness: float = _option(
        'The thickness of the slabs asked for, in Å.', check_thickness
    )
    min_vacuum_thickness: float = _option(
        'The thickness of the vacuum asked for, in Å.', check_vacuum
    )
    lll_reduce: bool = _switch(
        'lll_reduce', True, 'LLL-reduce the cell of each slab (`pymatgen` only).'
    )
    center_slab: bool = _switch('center_slab', True, 'Put each slab in the middle of its cell.')
    symmetrize: bool | Literal['if_possible'] = _option(
        'Whether both faces of each slab must be equivalent: True, False (slabs of whole periods '
        'of the crystal), or `if_possible`. Symmetric slabs may be non-stoichiometric.',
        check_symmetrize,
        default=True,
    )
    primitive: bool = _switch(
        'primitive', True, 'Use the smallest cell in the plane, not that of the bulk.'
    )
    in_unit_planes: bool = _switch(
        'in_unit_planes', False, 'Count the two thicknesses in (hkl) planes, not in Å.'
    )
    max_normal_search: int | None = _option(
        'The largest index to try in the search for a cell vector along the normal (`pymatgen` '
        'only).',
        check_max_normal_search,
        default=None,
    )
    max_atoms: int = _option(
        'The largest number of atoms in a slab; larger ones are excluded, not built.',
        check_max_atoms,
        default=1000,
    )
    stoichiometric_only: bool = _switch(
        'stoichiometric_only',
        False,
        'Exclude slabs whose composition is not that of the bulk.',
    )
    generator: str = _option(
        '`exact`: from the symmetry of the crystal. `pymatgen`: its SlabGenerator, to reproduce '
        'older work.',
        check_generator,
        default='exact',
    )
    indices_of: Literal['given', 'conventional'] = _option(
        'The cell that Miller indices refer to: that of the crystal as `given`, or the standard '
        '`conventional` cell, as for a crystal that is given in its primitive cell.',
        check_indices_of,
        default='given',
    )


#: The options by name, in the order of the class.
OPTIONS: dict[str, Field[Any]] = {option.name: option for option in fields(SlabOptions)}

if SlabOptions.__doc__ is not None:
    SlabOptions.__doc__ += '\n' + ''.join(
        f'\n    :ivar {name}: {option.metadata["meaning"]}' for name, option in OPTIONS.items()
    )


def check_option(name: str, value: object) -> str | None:
    """Check the value of one option.

    :param name: that of a field of :class:`SlabOptions`.
    """
    problem: str | None = OPTIONS[name].metadata['check'](value)
    return problem


def check_options(options: SlabOptions) -> Iterator[tuple[str, str]]:
    """Yield the name of each option that is not valid, with a message."""
    for name in OPTIONS:
        if (problem := check_option(name, getattr(options, name))) is not None:
            yield name, problem
