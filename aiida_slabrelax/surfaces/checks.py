"""Checks of the inputs of a slab generator. Each returns a message, or None."""

import itertools
import math
from collections.abc import Sequence

import numpy as np
from pymatgen.core.periodic_table import DummySpecies
from pymatgen.core.structure import Structure

from .distances import check_distances
from .slabs.geometry import SlabGeometry, Vectors

MAX_GAP = 5.0
"""A crystal has no empty slice thicker than this (Å); van der Waals gaps are 3 to 4 Å."""

SAFE_VACUUM = 10.0
"""Below this (Å) the two faces of a slab may still feel each other."""

MAX_TILT = 0.5
"""The third lattice vector of a slab this little (°) off the normal is along it."""

HIGHEST_MILLER_INDEX = 10**6
"""The largest Miller index that is computed with. Its slabs are refused for their area."""

SHORTEST, LONGEST = 0.5, 1000.0
"""The length (Å) of a lattice vector: that of the shortest bond, and beyond any crystal."""

THINNEST = 0.1
"""The distance (Å) of the planes that two lattice vectors span; below it a cell is degenerate."""


def check_cell(matrix: object, name: str) -> str | None:
    """Check that lattice vectors span a cell that is large enough for a search for neighbours.

    :param matrix: shape (3, 3), rows, in Å.
    :param name: the name of the structure in the message.
    :returns: a message, or None.
    """
    vectors = np.array(matrix, dtype=float)
    if vectors.shape != (3, 3) or not np.isfinite(vectors).all():
        return f'The {name} holds lattice vectors that are not three times three finite numbers.'
    for length in (math.hypot(*vector) for vector in vectors):
        if not SHORTEST <= length <= LONGEST:
            return (
                f'The {name} has a lattice vector of {length:.3g} Å; '
                f'{SHORTEST:g} to {LONGEST:g} Å are taken.'
            )
    if narrowest_width(vectors) < THINNEST:
        volume = abs(float(np.linalg.det(vectors)))
        return f'The cell of the {name} has no volume ({volume:.3g} Å³).'
    return None


def narrowest_width(vectors: Vectors) -> float:
    """Return the smallest distance (Å) between planes spanned by two of the three lattice vectors.

    :param vectors: shape (3, 3), rows, in Å.
    """
    pairs = itertools.combinations(vectors, 2)
    largest = max(float(np.linalg.norm(np.cross(first, second))) for first, second in pairs)
    return abs(float(np.linalg.det(vectors))) / largest if largest else 0.0


def check_miller_indices(value: object) -> str | None:
    """Check Miller indices: three integers (hkl) or four (hkil, with h + k + i = 0), not all zero.

    :param value: a sequence of Python or numpy integers; floats, even integral ones, are refused.
    :returns: a message, or None.
    """
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if not isinstance(value, Sequence) or isinstance(value, str | bytes):
        return f'Miller indices must be a list of three integers such as [1, 0, 0], not {value!r}.'
    if len(value) not in (3, 4):
        return f'Miller indices must be three (hkl) or four (hkil) integers, not {list(value)}.'
    for index in value:
        if isinstance(index, bool) or not isinstance(index, int | np.integer):
            kind = type(index).__name__
            return f'Miller indices must be integers; {index!r} in {list(value)} is a {kind}.'
        if not -HIGHEST_MILLER_INDEX <= int(index) <= HIGHEST_MILLER_INDEX:
            shown = index if abs(int(index)) < 10**30 else 'such a number'
            return (
                f'Miller indices from -{HIGHEST_MILLER_INDEX} to {HIGHEST_MILLER_INDEX} are taken, '
                f'not {shown}.'
            )
    indices = [int(index) for index in value]
    if len(indices) == 4 and sum(indices[:3]) != 0:
        return f'In four indices (hkil) h + k + i must be 0; in {indices} it is {sum(indices[:3])}.'
    if not any(indices):
        return f'Miller indices {indices} describe no plane: at least one must differ from 0.'
    return None


def reduce_miller_indices(value: Sequence[int]) -> tuple[int, int, int]:
    """Return the indices of the same plane as three integers without a common divisor.

    (2, 0, 0) gives (1, 0, 0); the third of four indices (hkil) is omitted.

    :raises ValueError: if :func:`check_miller_indices` returns a message.
    """
    message = check_miller_indices(value)
    if message:
        raise ValueError(message)
    h, k, l = (int(index) for index in (*value[:2], value[-1]))
    divisor = math.gcd(h, k, l)
    return h // divisor, k // divisor, l // divisor


def describe_reduction(value: Sequence[int]) -> str | None:
    """Return which plane the indices stand for if they were not given as reduced hkl, else None."""
    reduced = reduce_miller_indices(value)
    if tuple(value) == reduced:
        return None
    return f'Miller indices {tuple(int(index) for index in value)} are taken as {reduced}.'


def format_plane(miller_indices: Sequence[int]) -> str:
    """Write a plane as (100), or as (1 0 -4) if single digits do not suffice."""
    separator = '' if all(0 <= index <= 9 for index in miller_indices) else ' '
    return f'({separator.join(str(index) for index in miller_indices)})'


def describe_thin_vacuum(vacuum: float) -> str | None:
    """Warn of a vacuum (Å, requested or real) too thin to separate the two faces, else None."""
    if vacuum >= SAFE_VACUUM:
        return None
    return (
        f'a vacuum of {vacuum:.2f} Å is thin: below {SAFE_VACUUM:.0f} Å the two faces of a slab '
        'may feel each other.'
    )


def check_bulk(structure: Structure) -> str | None:
    """Check a bulk crystal: ordered, periodic in 3 directions, no atom twice, no empty slice.

    The structure is not changed.

    :returns: a message, or None.
    """
    if len(structure) == 0:
        return 'The bulk structure holds no atoms.'
    if not all(structure.lattice.pbc):
        return f'The bulk structure must be periodic in 3 directions, not {structure.lattice.pbc}.'
    if message := check_cell(structure.lattice.matrix, 'bulk structure'):
        return message
    if not np.isfinite(structure.cart_coords).all():
        return 'The bulk structure holds coordinates that are not finite numbers.'
    for site in structure:
        if not site.is_ordered:
            return (
                f'The bulk structure is disordered: the site {site.species_string} is partly '
                'occupied or shared. Give an ordered structure.'
            )
        if isinstance(site.specie, DummySpecies):
            return f'The bulk structure holds {site.species_string}, which is not an element.'
    return check_distances(structure, 'bulk structure') or _check_gaps(structure)


def _check_gaps(structure: Structure) -> str | None:
    # Of each plane and the opposite one the first.
    for indices in itertools.product((0, 1, -1), repeat=3):
        if next(filter(None, indices), -1) < 0:
            continue
        gap = widest_gap(structure, indices)
        if gap > MAX_GAP:
            return (
                f'There is a gap of {gap:.1f} Å without atoms normal to {format_plane(indices)}: '
                'this is a slab or a molecule in a box, not a bulk crystal '
                f'(gaps up to {MAX_GAP:.0f} Å are taken).'
            )
    return None


def check_slab(structure: Structure) -> str | None:
    """Check a slab: it has atoms, none twice, it repeats in its plane, and its vacuum lies along c.

    :returns: a message, or None.
    """
    if len(structure) == 0:
        return 'The slab holds no atoms.'
    if not all(structure.lattice.pbc[:2]):
        return (
            'The slab must be periodic along its first two lattice vectors; its pbc is '
            f'{structure.lattice.pbc}.'
        )
    if message := check_cell(structure.lattice.matrix, 'slab'):
        return message
    if not np.isfinite(structure.cart_coords).all():
        return 'The slab holds coordinates that are not finite numbers.'
    gap = SlabGeometry.of(structure).vacuum
    if gap > MAX_GAP:
        return check_distances(structure, 'slab')
    return (
        f'The slab has no vacuum along its third lattice vector: the widest gap there is '
        f'{gap:.1f} Å, that of a slab is more than {MAX_GAP:.0f} Å.'
    )


def describe_slab(structure: Structure) -> list[str]:
    """Return remarks, a sentence each, on what is unusual about a valid slab."""
    remarks = []
    geometry = SlabGeometry.of(structure)
    if geometry.tilt > MAX_TILT:
        remarks.append(
            f'its third lattice vector is {geometry.tilt:.1f}° off the normal: images of the '
            'slab along it are shifted, and a dipole correction is not along the normal.'
        )
    if not structure.lattice.pbc[2]:
        remarks.append('it is not periodic along its third lattice vector; in VASP it will be.')
    thin = describe_thin_vacuum(geometry.vacuum)
    return [*remarks, thin] if thin else remarks


def widest_gap(structure: Structure, miller_indices: Sequence[int]) -> float:
    """Return the thickness (Å) of the widest slice without atoms parallel to the plane (hkl)."""
    # The crystal repeats along the normal with the spacing of its lattice planes, so the
    # heights of the atoms, counted in planes, are needed modulo 1 only.
    heights = np.sort(structure.frac_coords @ np.array(miller_indices) % 1.0)
    gaps = np.diff(heights, append=heights[0] + 1.0)
    return float(gaps.max() * structure.lattice.d_hkl(tuple(miller_indices)))
