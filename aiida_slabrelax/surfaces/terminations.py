"""Terminations and excluded slabs as dataclasses."""

from __future__ import annotations

from dataclasses import dataclass, field

from pymatgen.core.composition import Composition
from pymatgen.core.structure import Structure

from .checks import describe_thin_vacuum
from .slabs.layers import Layer


@dataclass(frozen=True)
class Face:
    """The layers of a surface from the outside inwards, one period of the crystal deep.

    :ivar layers: the contents of each, as pairs (kind, count) in the minimal cell of the
        plane, and the gap (Å) to the next one.
    :ivar name: the contents with the rank of each gap among those of the crystal between them
        (1 is the smallest): ``O-2-Ti2O2``. Faces that differ only sideways are numbered:
        ``Si-1-C-2-Si-1-C#2``. It does not depend on the thickness of the slab.
    """

    layers: tuple[Layer, ...]
    name: str


@dataclass(frozen=True)
class CutBonds:
    """The broken bonds of a face.

    :ivar lost: the numbers of neighbours that atoms have lost, in the cell of the slab, by the
        elements of the atom and of the neighbour: ``{'Ag-O': 3, 'P-O': 2}``.
    :ivar density: the number of broken bonds per area, in 1/Å².
    """

    lost: dict[str, int] = field(hash=False)
    density: float


@dataclass(frozen=True)
class Polarity:
    """Whether a slab has a dipole moment along its normal, as far as charges are known.

    :ivar polar: ``'yes'``, ``'no'`` or ``'unknown'``.
    :ivar source: the source of the answer: ``'symmetry'``; oxidation states, which were ``'given'``
        or ``'guessed'``; or ``'no oxidation states'``.
    :ivar tasker: Tasker's type of the surface as it is cut from the crystal: ``'I'`` (all layers
        are neutral), ``'II'`` (charged layers, but no dipole moment in a period), ``'III'`` (a
        dipole moment); None if charges are unknown or all 0.
    :ivar reason: how the type was decided.
    """

    polar: str
    source: str
    tasker: str | None = None
    reason: str = ''


@dataclass(frozen=True)
class Termination:
    """A slab with one termination of a surface.

    :ivar label: ``slab_00``, ``slab_01``, …, the same for equivalent bulk structures; with several
        surfaces ``slab_100_00``, ``slab_1m10_00``, ….
    :ivar structure: the slab: c along z and the normal, the face (hkl) on top, the sites sorted
        by element, kind and height, with the site property ``kind_name``; of a magnetic crystal
        also with ``magmom``, in μB.
    :ivar miller_indices: the plane, reduced, in the given cell.
    :ivar conventional_miller_indices: the same plane in the standard conventional cell of spglib.
    :ivar shift: the height of the cut above the origin in planes, as in pymatgen (a fraction of
        its oriented cell); not an identity.
    :ivar area: in Å².
    :ivar thickness: from the lowest to the highest atom, in Å.
    :ivar vacuum: the rest of c, in Å.
    :ivar requested_thickness: in Å; None if a number of layers was requested.
    :ivar n_layers: the number of atomic layers.
    :ivar layer_tolerance: the largest thickness of a layer, in Å.
    :ivar is_symmetric: whether an operation of the crystal exchanges its two faces.
    :ivar is_stoichiometric: whether the slab has the composition of the bulk.
    :ivar top: the upper face.
    :ivar bottom: the lower face.
    :ivar excess: the atoms of each element beyond the largest number of formula units of the bulk
        in the slab; possibly fractions.
    :ivar polarity: whether the slab is polar.
    :ivar cut_bonds: the broken bonds of the upper and of the lower face; None if unknown.
    :ivar whole: the groups of atoms that were kept whole, such as ``PO4``.
    :ivar lower_part: what a reconstructed slab has on its lower face of the layer that is divided
        between both: ``2/4``.
    :ivar doubts: a phrase for each doubt about its layers.
    :ivar joins_reversed: whether faces of this plane that differ only in the sign of all magnetic
        moments count as one.
    """

    label: str
    structure: Structure
    miller_indices: tuple[int, int, int]
    conventional_miller_indices: tuple[int, int, int]
    shift: float
    area: float
    thickness: float
    vacuum: float
    requested_thickness: float | None
    n_layers: int
    layer_tolerance: float
    is_symmetric: bool
    is_stoichiometric: bool
    top: Face
    bottom: Face
    excess: dict[str, float] = field(hash=False)
    polarity: Polarity
    cut_bonds: tuple[CutBonds, CutBonds] | None = None
    whole: tuple[str, ...] = ()
    lower_part: str | None = None
    doubts: tuple[str, ...] = ()
    joins_reversed: bool = False

    @property
    def formula(self) -> str:
        """The composition by elements, such as ``Ag10P3O16``."""
        return format_formula(self.structure)

    @property
    def n_atoms(self) -> int:
        """The number of atoms."""
        return len(self.structure)

    @property
    def identity(self) -> str:
        """The names of the faces, of which a symmetric slab has one.

        It is the same for equivalent inputs and for any thickness.
        """
        return join_names(self.top, self.bottom)

    @property
    def broken_bonds(self) -> float | None:
        """The number of broken bonds per area of the face that has more of them, in 1/Å²."""
        return None if self.cut_bonds is None else max(face.density for face in self.cut_bonds)

    @property
    def remarks(self) -> list[str]:
        """What a user should know about this slab before computing it."""
        remarks = [*self.doubts]
        if self.requested_thickness and self.thickness < self.requested_thickness - 5e-3:
            remarks.append(
                f'it is {self.thickness:.2f} Å thick, less than the '
                f'{self.requested_thickness:.2f} Å asked for'
            )
        if self.joins_reversed:
            remarks.append(
                'the same face with all magnetic moments reversed is not counted again: time '
                'reversal takes one to the other'
            )
        thin = describe_thin_vacuum(self.vacuum)
        return [*remarks, thin.removesuffix('.')] if thin else remarks


@dataclass(frozen=True)
class Excluded:
    """A surface or a slab that was excluded.

    :ivar miller_indices: the plane in the given cell.
    :ivar what: a formula, or the plane itself.
    :ivar reason: a sentence.
    """

    miller_indices: tuple[int, int, int]
    what: str
    reason: str


def join_names(top: Face, bottom: Face) -> str:
    """Return the names of two faces in a reproducible order, or the name that they share."""
    return ' | '.join(sorted({top.name, bottom.name}))


def format_formula(structure: Structure) -> str:
    """Return the composition by elements, in the order of electronegativity, without spaces."""
    return format_composition(structure.composition)


def format_composition(composition: Composition) -> str:
    """Return a composition as :func:`format_formula` does."""
    return str(composition.element_composition.formula).replace(' ', '')
