"""From a span of layers to a slab in its cell."""

from __future__ import annotations

import numpy as np
from pymatgen.core.lattice import Lattice

from ...slab_options import SlabOptions
from ...surface_cell import read_surface_cell
from ..bulk.crystal import Integers, Vectors, coprime, find_symmetry
from ..orientation import UprightSlab, sorted_by_kind
from ..slabs.geometry import wrap
from .lattice_planes import in_plane_basis, reduce_plane
from .stacking import Stacking
from .surface_cells import count_vectors


def build_slab(
    stacking: Stacking, bottom: int, top: int, vacuum: float, options: SlabOptions
) -> UprightSlab:
    """Build the slab from one layer to another, both included.

    :param vacuum: from the highest atom to the lowest one of the next image, in Å.
    """
    atoms, positions = stacking.cut_atoms(bottom, top)
    plane = find_plane(stacking, options)
    if options.surface_cell is not None or not options.primitive:
        atoms, positions = repeat(stacking.plane, plane, atoms, positions)
    elif top - bottom + 1 < len(stacking.layers):
        plane, atoms, positions = _reduce(stacking, plane, atoms, positions)
    return assemble(stacking, plane, atoms, positions, vacuum, options)


def assemble(
    stacking: Stacking,
    plane: Vectors,
    atoms: Integers,
    positions: Vectors,
    vacuum: float,
    options: SlabOptions,
) -> UprightSlab:
    """Put the atoms of a slab into its cell.

    :param plane: shape (2, 2), the cell in the plane as rows, in Å.
    :param atoms: indices in the crystal, shape (N,).
    :param positions: their positions in the axes of the stacking, shape (N, 3), in Å.
    :param vacuum: from the highest atom to the lowest one of the next image, in Å.
    """
    heights = positions[:, 2] - positions[:, 2].min()
    height = float(heights.max()) + vacuum
    species = [stacking.crystal.species[index] for index in atoms]
    if options.center_slab:
        masses = [float(one.atomic_mass) for one in species]
        heights = heights + height / 2 - np.average(heights, weights=masses)
    lattice = np.zeros((3, 3))
    # The first vector of the plane is the x axis.
    lattice[:2, :2], lattice[2, 2] = _along_x(plane), height
    planar = wrap(positions[:, :2] @ np.linalg.inv(plane))
    coordinates = np.column_stack([planar, heights / height])
    return sorted_by_kind(species, Lattice(lattice), coordinates, stacking.crystal.kinds)


def find_plane(stacking: Stacking, options: SlabOptions) -> Vectors:
    """Return the cell in the plane that the options ask for: shape (2, 2), as rows, in Å.

    :raises SlabGenerationError: if the lattice has no such ``surface_cell``.
    """
    if options.surface_cell is not None:
        cell = read_surface_cell(options.surface_cell)
        return np.asarray(count_vectors(stacking.plane, cell) @ stacking.plane)
    return stacking.plane if options.primitive else given_plane(stacking)


def count_cells(stacking: Stacking, options: SlabOptions) -> int:
    """Return the number of minimal cells in the cell of a slab.

    :raises SlabGenerationError: if the lattice has no such ``surface_cell``.
    """
    plane = find_plane(stacking, options)
    return round(abs(float(np.linalg.det(plane))) / stacking.area)


def given_plane(stacking: Stacking) -> Vectors:
    """Return the reduced period of the given cell in the plane, in Å."""
    vectors = np.array(stacking.crystal.structure.lattice.matrix)
    indices = coprime(np.array(stacking.miller_indices, dtype=float))
    first, second, _ = in_plane_basis(indices) @ vectors
    first, second = reduce_plane(first, second, outwards=stacking.axes[2])
    return np.array([first, second]) @ stacking.axes[:2].T


def _along_x(plane: Vectors) -> Vectors:
    """Rotate a right-handed pair of vectors so that the first is along x."""
    a, b = plane
    x = a / np.linalg.norm(a)
    y = np.array([-x[1], x[0]])
    return np.array([[np.linalg.norm(a), 0.0], [b @ x, b @ y]])


def repeat(
    plane: Vectors, larger: Vectors, atoms: Integers, positions: Vectors
) -> tuple[Integers, Vectors]:
    """Fill a larger period of the plane with the atoms of the minimal one.

    :param plane: shape (2, 2), the minimal period as rows, in Å.
    :param larger: the larger one.
    :param atoms: shape (N,), any numbers of atoms.
    :param positions: their positions, shape (N, 3), in Å.
    :returns: the numbers and the positions of all atoms in it, period after period.
    """
    # Rows that span the larger period in units of the minimal one; every point of the lattice
    # inside it is found among small multiples.
    spans = np.round(larger @ np.linalg.inv(plane)).astype(int)
    reach = np.abs(spans).sum(axis=0)
    grid = np.mgrid[tuple(slice(-one, one + 1) for one in reach)].reshape(2, -1).T
    inside = wrap((grid @ plane) @ np.linalg.inv(larger))
    _, first = np.unique(np.round(inside, 6) % 1.0, axis=0, return_index=True)
    points = grid[first] @ plane
    everywhere = positions + np.pad(points, ((0, 0), (0, 1)))[:, np.newaxis]
    # One minimal cell after the other.
    return np.tile(atoms, len(points)), everywhere.reshape(-1, 3)


def _reduce(
    stacking: Stacking, plane: Vectors, atoms: Integers, positions: Vectors
) -> tuple[Vectors, Integers, Vectors]:
    """Find the period in the plane of a slab that is thinner than a period of the crystal.

    Without some of the layers of the crystal it can be smaller than that of the crystal.
    """
    thickness = float(np.ptp(positions[:, 2]))
    lattice = np.zeros((3, 3))
    lattice[:2, :2], lattice[2, 2] = plane, thickness + 10.0
    species = [stacking.crystal.structure[index].specie for index in atoms]
    kinds = sorted(set(species))
    coordinates = positions @ np.linalg.inv(lattice)
    found = find_symmetry(lattice, coordinates, [kinds.index(one) for one in species])
    pure = np.all(found.rotations == np.eye(3, dtype=int), axis=(1, 2))
    translations = found.translations[pure][:, :2] @ plane
    if len(translations) == 1:
        return plane, atoms, positions
    area = abs(float(np.linalg.det(plane))) / len(translations)
    vectors = [*translations[np.linalg.norm(translations, axis=1) > 1e-6], *plane]
    first, second = next(
        (a, b)
        for index, a in enumerate(vectors)
        for b in vectors[index + 1 :]
        if abs(abs(np.linalg.det(np.array([a, b]))) - area) < 1e-3 * area
    )
    up = np.array([0.0, 0.0, 1.0])
    smaller = np.array(reduce_plane(np.append(first, 0.0), np.append(second, 0.0), up))[:, :2]
    _, kept = np.unique(found.mapping_to_primitive, return_index=True)
    return smaller, atoms[kept], positions[kept]
