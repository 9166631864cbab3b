"""A bulk crystal with the symmetry that its kinds leave it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import spglib
from numpy.typing import NDArray
from pymatgen.core.periodic_table import Element, Species
from pymatgen.core.structure import Structure

from ..reasons import SlabGenerationError
from .environments import tell_environments_apart
from .kinds import Kinds, element_of, separate_kinds
from .moments import find_reversals, opposite_kinds

Vectors = NDArray[np.float64]
Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]

SYMMETRY_TOLERANCE = 0.01
"""How far (Å) an operation of the crystal may put an atom from where the next one is."""


@dataclass(frozen=True)
class Crystal:
    """The primitive cell of a crystal and its symmetry operations.

    Atoms that differ in kind are different, whatever their element. Only where an operation takes
    the kinds to those with the opposite magnetic moments, all at once, time reversal takes them
    back: it leaves energies as they are, so such operations count.

    :ivar given: the crystal as it was given.
    :ivar structure: the same with a species for each kind.
    :ivar kinds: what these species stand for.
    :ivar vectors: shape (3, 3), the primitive cell as rows, in Å.
    :ivar coordinates: shape (N, 3), the atoms in it, fractional.
    :ivar atoms: shape (N,), their indices in the structure.
    :ivar rotations: shape (n, 3, 3), the integer parts of the operations x ↦ Rx + t of fractional
        coordinates.
    :ivar translations: shape (n, 3), their other parts.
    :ivar reversing: shape (n,), whether each reverses all magnetic moments.
    :ivar opposites: of each kind the one with the opposite moment; None, if some have none.
    :ivar basis: shape (3, 3), the primitive cell in the basis of the given one.
    :ivar standard: shape (3, 3), takes Miller indices of the given cell, as a column, to those of
        the standard conventional cell.
    :ivar space_group: its number.
    """

    given: Structure
    structure: Structure
    kinds: Kinds
    vectors: Vectors
    coordinates: Vectors
    atoms: Integers
    rotations: Integers
    translations: Vectors
    reversing: Booleans
    opposites: dict[str, str] | None
    basis: Vectors
    standard: Vectors
    space_group: int

    @classmethod
    def of(cls, structure: Structure, tolerance: float = SYMMETRY_TOLERANCE) -> Crystal:
        """Find the symmetry of a structure, which is not changed.

        :param structure: an ordered crystal; kinds are its site property ``kind_name``, their
            moments (μB) ``magmom``.
        :param tolerance: in Å.
        :raises SlabGenerationError: if spglib finds no symmetry.
        """
        separated, kinds = separate_kinds(structure)
        species = {one: number for number, one in enumerate(sorted(set(separated.species)))}
        numbers = [species[one] for one in separated.species]
        vectors = np.array(separated.lattice.matrix)
        given = _find_symmetry_once(vectors, separated.frac_coords, numbers, tolerance)

        # With n translations in a cell every vector of their lattice is a multiple of 1/n.
        identity = np.eye(3, dtype=int)
        count = int(np.all(given.rotations == identity, axis=(1, 2)).sum())
        basis = np.round(count * given.primitive_lattice @ np.linalg.inv(vectors)) / count
        _, atoms = np.unique(given.mapping_to_primitive, return_index=True)
        coordinates = separated.frac_coords[atoms] @ np.linalg.inv(basis)
        if count == 1:  # of a large cell spglib is not asked twice
            back = np.linalg.inv(basis)
            rotations = np.rint(back.T @ given.rotations @ basis.T)
            translations, number = given.translations @ back, given.number
            standard = np.linalg.inv(given.transformation_matrix).T
        else:
            # A supercell hides operations that do not keep it; the primitive cell has them all.
            primitive = _find_symmetry_once(
                basis @ vectors, coordinates, [numbers[atom] for atom in atoms], tolerance
            )
            rotations, translations = primitive.rotations, primitive.translations
            standard = np.linalg.inv(primitive.transformation_matrix).T @ basis
            number = primitive.number
        names = [kinds.name(separated[index].specie) for index in atoms]
        reversals = find_reversals(basis @ vectors, coordinates, names, kinds, tolerance)
        unchanged = len(rotations)
        rotations = np.concatenate([rotations.astype(np.int64), reversals[0]])
        translations = np.concatenate([translations, reversals[1]])
        return cls(
            given=structure,
            structure=separated,
            kinds=kinds,
            vectors=basis @ vectors,
            coordinates=coordinates,
            atoms=atoms,
            rotations=rotations,
            translations=translations,
            reversing=np.arange(len(rotations)) >= unchanged,
            opposites=opposite_kinds(kinds),
            basis=basis,
            standard=np.asarray(standard, dtype=np.float64),
            space_group=int(number),
        )

    @cached_property
    def species(self) -> list[Element | Species]:
        """The species of each atom of the structure, one for each kind."""
        return list(self.structure.species)

    @cached_property
    def elements(self) -> list[Element]:
        """The element of each atom of the primitive cell."""
        return [element_of(self.structure[index].specie) for index in self.atoms]

    def to_primitive(self, miller_indices: Sequence[int]) -> Integers:
        """Return the indices, without a common divisor, of the same planes in the primitive cell.

        :param miller_indices: in the given cell.
        """
        return coprime(self.basis @ np.array(miller_indices))

    def to_standard(self, miller_indices: Sequence[int]) -> tuple[int, int, int]:
        """Return the indices of the same planes in the standard conventional cell of spglib."""
        h, k, l = coprime(self.standard @ np.array(miller_indices))
        return int(h), int(k), int(l)

    def from_standard(self, miller_indices: Sequence[int]) -> tuple[int, int, int]:
        """Return the indices in the given cell of planes of the standard conventional cell."""
        h, k, l = coprime(np.linalg.inv(self.standard) @ np.array(miller_indices))
        return int(h), int(k), int(l)

    @property
    def standard_vectors(self) -> Vectors:
        """The standard conventional cell as rows, in Å."""
        return np.asarray(self.standard @ np.array(self.given.lattice.matrix))

    def sides(self, primitive_indices: Integers) -> Integers:
        """Tell what each operation does with planes: 1 keeps them, -1 turns them over, else 0.

        :param primitive_indices: Miller indices in the primitive cell.
        """
        # x ↦ Rx + t takes the height h·x to (hR)·x + h·t.
        images = primitive_indices @ self.rotations
        kept = np.all(images == primitive_indices, axis=1).astype(np.int64)
        turned = np.all(images == -primitive_indices, axis=1).astype(np.int64)
        return np.asarray(kept - turned)


def _find_symmetry_once(
    vectors: Vectors, coordinates: Vectors, numbers: Sequence[int], tolerance: float
) -> spglib.SpglibDataset:
    """Return what :func:`find_symmetry` does, from memory if it was asked lately.

    Whoever cuts a crystal asks several times for its symmetry; that of a large one takes seconds.
    """
    cell, places = (np.asarray(one, dtype=float).tobytes() for one in (vectors, coordinates))
    return _remember(cell, places, tuple(numbers), tolerance)


@lru_cache(maxsize=8)
def _remember(
    vectors: bytes, coordinates: bytes, numbers: tuple[int, ...], tolerance: float
) -> spglib.SpglibDataset:
    cell, places = (np.frombuffer(one).reshape(-1, 3) for one in (vectors, coordinates))
    return find_symmetry(cell, places, numbers, tolerance)


def forget_symmetries() -> None:
    """Forget what is known of crystals, as before a measurement of time."""
    _remember.cache_clear()


def find_symmetry(
    vectors: Vectors,
    coordinates: Vectors,
    numbers: Sequence[int],
    tolerance: float = SYMMETRY_TOLERANCE,
) -> spglib.SpglibDataset:
    """Return what spglib finds.

    :param vectors: shape (3, 3), rows, in Å.
    :param coordinates: shape (N, 3), fractional.
    :param numbers: equal for atoms that are.
    :param tolerance: in Å.
    :raises SlabGenerationError: if it finds no symmetry.
    """
    numbers = tell_environments_apart(vectors, coordinates, numbers, tolerance)
    cell = (vectors.tolist(), coordinates.tolist(), numbers)
    try:
        found = spglib.get_symmetry_dataset(cell, tolerance)
    except spglib.SpglibError as error:
        raise SlabGenerationError(f'spglib finds no symmetry: {error}') from error
    if found is None:
        raise SlabGenerationError('spglib finds no symmetry in the crystal.')
    return found


def coprime(vector: Vectors) -> Integers:
    """Return the smallest integers in the proportions of a vector of small rational numbers.

    :raises ValueError: if there are none up to a denominator of 1000.
    """
    for denominator in range(1, 1001):
        scaled = vector * denominator
        integers = np.round(scaled).astype(np.int64)
        if np.allclose(scaled, integers, rtol=0, atol=1e-3 / denominator) and integers.any():
            return np.asarray(integers // np.gcd.reduce(integers))
    raise ValueError(f'{vector} is not rational')
