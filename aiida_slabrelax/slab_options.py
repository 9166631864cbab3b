"""The options of slabs: each with its default, its meaning and its check.

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

LAYER_TOLERANCE = 0.05
"""No layer of atoms is thicker than this (Å), by default."""

NARROWEST_GAP = 0.01
"""Heights (Å) that differ by less are one: with this tolerance symmetry is found."""

MAX_NORMAL_SEARCH = 20
"""The search grows with the cube of its range: at 20 it takes about a second."""


def check_positive(name: str, value: object) -> str | None:
    """Check that a named quantity is a finite number above 0.

    :returns: a message or None, as for all checks.
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


def _check_thickness_or_none(value: object) -> str | None:
    return None if value is None else check_thickness(value)


def check_layers(value: object) -> str | None:
    """Check the requested number of atomic layers: None or an integer above 0."""
    return None if value is None else check_count('layers', value)


def check_layer_tolerance(value: object) -> str | None:
    """Check the largest thickness of a layer: a finite number (Å), at least 0.01."""
    is_number = isinstance(value, Real) and not isinstance(value, bool)
    if is_number and NARROWEST_GAP <= float(value) < math.inf:  # type: ignore[arg-type]
        return None
    return f'layer_tolerance must be a finite number (Å) of at least {NARROWEST_GAP}, not {value}.'


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
    """The options of slabs."""

    min_slab_thickness: float | None = _option(
        'The thickness of the slabs asked for, in Å.', _check_thickness_or_none, default=None
    )
    # Always given; the default only allows `layers` in place of the thickness.
    min_vacuum_thickness: float = _option(
        'The thickness of the vacuum asked for, in Å.', check_vacuum, default=None
    )
    layers: int | None = _option(
        'The smallest number of atomic layers of the slabs, in place of their thickness in Å '
        '(`exact` only).',
        check_layers,
        default=None,
    )
    layer_tolerance: float = _option(
        'The largest thickness of an atomic layer, in Å. A thicker one is divided at its widest '
        'gaps; cuts go between layers (`exact` only).',
        check_layer_tolerance,
        default=LAYER_TOLERANCE,
    )
    lll_reduce: bool = _switch(
        'lll_reduce', True, 'LLL-reduce the cell of each slab (`pymatgen` only).'
    )
    center_slab: bool = _switch('center_slab', True, 'Put each slab in the middle of its cell.')
    symmetrize: bool | Literal['if_possible'] = _option(
        'Whether both faces of each slab must be equivalent: True, False (slabs of whole periods '
        'of the crystal, or of parts that a screw axis or glide repeats), or `if_possible`. '
        'Symmetric slabs may be non-stoichiometric.',
        check_symmetrize,
        default=True,
    )
    primitive: bool = _switch(
        'primitive', True, 'Use the smallest cell in the plane, not that of the bulk.'
    )
    in_unit_planes: bool = _switch(
        'in_unit_planes',
        False,
        'The two thicknesses are multiples of the distance of (hkl) planes of the given cell, not '
        'Å; planes of atoms are counted by `layers`.',
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

    :param name: the name of a field of :class:`SlabOptions`.
    """
    problem: str | None = OPTIONS[name].metadata['check'](value)
    return problem


def check_options(options: SlabOptions) -> Iterator[tuple[str, str]]:
    """Yield the name of each option that is not valid, with a message."""
    for name in OPTIONS:
        if (problem := check_option(name, getattr(options, name))) is not None:
            yield name, problem
    if (problem := check_size_asked(options.min_slab_thickness, options.layers)) is not None:
        yield 'layers', problem
    if options.layers is not None and options.generator != 'exact':
        yield 'layers', 'Only the generator exact counts layers; give the thickness in Å.'


def check_size_asked(thickness: object, layers: object) -> str | None:
    """Check that either a thickness of slabs or a number of atomic layers is given, not both."""
    if (thickness is None) != (layers is None):
        return None
    if thickness is None:
        return 'Either the thickness of the slabs or their number of layers is needed.'
    return (
        'Give either the thickness of the slabs or their number of layers: '
        f'both are there, {thickness} and {layers}.'
    )
