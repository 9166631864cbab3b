"""The options of slabs: each with its default, its meaning and its check.

Ports, inputs of calculation functions and options of commands are made from :class:`SlabOptions`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import Field, dataclass, field, fields
from functools import partial
from typing import Any, Literal

from . import option_checks as checks

LAYER_TOLERANCE = 0.05
"""No layer of atoms is thicker than this (Å), by default."""


def _option(meaning: str, check: Callable[[object], str | None], **default: Any) -> Any:
    return field(metadata={'meaning': meaning, 'check': check}, **default)


def _switch(name: str, default: bool, meaning: str) -> Any:
    return _option(meaning, partial(checks.check_switch, name), default=default)


@dataclass(frozen=True)
class SlabOptions:
    """The options of slabs."""

    min_slab_thickness: float | None = _option(
        'The thickness of the slabs asked for, in Å.', checks.check_thickness_or_none, default=None
    )
    # Always given; the default only allows `layers` in place of the thickness.
    min_vacuum_thickness: float = _option(
        'The thickness of the vacuum asked for, in Å.', checks.check_vacuum, default=None
    )
    layers: int | None = _option(
        'The smallest number of atomic layers of the slabs, in place of their thickness in Å '
        '(`exact` only).',
        checks.check_layers,
        default=None,
    )
    layer_tolerance: float = _option(
        'The largest thickness of an atomic layer, in Å. A thicker one is divided at its widest '
        'gaps; cuts go between layers (`exact` only).',
        checks.check_layer_tolerance,
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
        checks.check_symmetrize,
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
        checks.check_max_normal_search,
        default=None,
    )
    max_atoms: int = _option(
        'The largest number of atoms in a slab; larger ones are excluded, not built.',
        checks.check_max_atoms,
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
        checks.check_generator,
        default='exact',
    )
    indices_of: Literal['given', 'conventional'] = _option(
        'The cell that Miller indices refer to: that of the crystal as `given`, or the standard '
        '`conventional` cell, as for a crystal that is given in its primitive cell.',
        checks.check_indices_of,
        default='given',
    )
    keep_whole: str | Sequence[str] | None = _option(
        'What no cut breaks: `molecules` (and polyatomic ions), `layers` (with van der Waals gaps '
        'between them), pairs of elements such as `P-O` (a centre with its ligands), or `auto`: '
        'what of these is there. Cuts go around these groups, in the order of their centres '
        '(`exact` only).',
        checks.check_keep_whole,
        default=None,
    )
    bonds: Mapping[str, float] | None = _option(
        'The largest length of bonds in Å by pair of elements, such as {"P-O": 1.8}; others are no '
        'bonds. By default atoms are bonded up to the sum of their covalent radii and 0.4 Å.',
        checks.check_bonds,
        default=None,
    )
    surface_cell: Sequence[Any] | str | float | None = _option(
        'The cell in the plane, in vectors of the smallest one: two multiples (2, 2), a matrix of '
        "integers, Wood's notation such as (√3×√3)R30°; or the least length of both vectors in Å "
        '(`exact` only).',
        checks.check_surface_cell,
        default=None,
    )
    top: str | None = _option(
        'Only terminations with this element outermost on a face.', checks.check_top, default=None
    )
    max_broken_bonds: float | None = _option(
        'The largest number of broken bonds of a face, in 1/Å².',
        checks.check_max_broken_bonds,
        default=None,
    )
    max_terminations: int | None = _option(
        'So many terminations of a surface are kept: those that are not polar first, then those '
        'with the fewest broken bonds, then stoichiometric ones.',
        checks.check_max_terminations,
        default=None,
    )
    reconstruct: str | None = _option(
        '`tasker`: of polar surfaces (type III) half of the outermost charge, or what cancels the '
        'dipole moment, is moved to the other face, in all distinct arrangements in the '
        '`surface_cell` (`exact` only).',
        checks.check_reconstruct,
        default=None,
    )
    max_reconstructions: int = _option(
        'The largest number of arrangements of each polar surface; the most symmetric are kept.',
        checks.check_max_reconstructions,
        default=10,
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
    if (problem := checks.check_size_asked(options.min_slab_thickness, options.layers)) is not None:
        yield 'layers', problem
    yield from checks.check_together({name: getattr(options, name) for name in OPTIONS})
