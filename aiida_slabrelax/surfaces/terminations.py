"""A crystal and a plane -> every termination, with pymatgen's slab generator."""

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from pymatgen.core.composition import Composition
from pymatgen.core.lattice import Lattice
from pymatgen.core.structure import Structure
from pymatgen.core.surface import Slab, SlabGenerator
from pymatgen.symmetry.analyzer import SpacegroupAnalyzer, SymmetryUndeterminedError

from .checks import (
    check_bulk,
    check_hexagonal,
    check_max_atoms,
    check_max_normal_search,
    check_miller_indices,
    check_thickness,
    check_vacuum,
    describe_thin_vacuum,
    format_plane,
    reduce_miller_indices,
    widest_gap,
)
from .kinds import Kinds, kind_names, separate_kinds
from .order import LAYER_TOLERANCE, canonical_layers, layer_order, slab_labels
from .orientation import UprightSlab, Vectors, is_along_planes, make_upright

SYMMETRY_TOLERANCE = 0.1
"""The tolerance (Å) with which pymatgen decides whether a slab is symmetric."""


class SlabGenerationError(ValueError):
    """No slab can be made from what was asked; the message says why and what to change."""


@dataclass(frozen=True)
class SlabOptions:
    """What is asked of every slab; the names are those of pymatgen's `SlabGenerator`.

    :ivar min_slab_thickness: Å, or a number of planes with ``in_unit_planes``.
    :ivar min_vacuum_thickness: Å, or a number of planes with ``in_unit_planes``.
    :ivar lll_reduce: reduce the cell of the slab with the LLL algorithm.
    :ivar center_slab: put the centre of mass in the middle of the cell.
    :ivar symmetrize: remove atoms until both faces are equivalent.
    :ivar primitive: reduce the finished slab to a smaller cell in the plane if there is one.
    :ivar in_unit_planes: thicknesses count planes (hkl).
    :ivar max_normal_search: look for a c vector along the normal with indices up to this.
    :ivar max_atoms: refuse slabs with more atoms, counted before the reduction by ``primitive``.
    """

    min_slab_thickness: float
    min_vacuum_thickness: float
    lll_reduce: bool = True
    center_slab: bool = True
    symmetrize: bool = True
    primitive: bool = True
    in_unit_planes: bool = False
    max_normal_search: int | None = None
    max_atoms: int = 1000


@dataclass(frozen=True)
class Termination:
    """A slab with one termination of a surface.

    :ivar label: ``slab_00``, ``slab_01``, …, the same for equivalent bulk structures.
    :ivar structure: the slab: c along z and the normal, the face (hkl) on top, the sites sorted
        by element, kind and height, with the site property ``kind_name``.
    :ivar miller_indices: the plane, reduced, in the given cell.
    :ivar shift: where pymatgen cut, as a fraction of its oriented cell; not an identity.
    :ivar area: in Å².
    :ivar thickness: from the lowest to the highest atom, in Å.
    :ivar vacuum: what remains of c, in Å.
    :ivar requested_thickness: the thickness that was asked for, in Å.
    :ivar is_symmetric: an operation of the slab exchanges its two faces.
    :ivar is_stoichiometric: the slab has the composition of the bulk.
    """

    label: str
    structure: Structure
    miller_indices: tuple[int, int, int]
    shift: float
    area: float
    thickness: float
    vacuum: float
    requested_thickness: float
    is_symmetric: bool
    is_stoichiometric: bool

    @property
    def formula(self) -> str:
        """The composition by elements, such as ``Ag10P3O16``."""
        return format_formula(self.structure)

    @property
    def n_atoms(self) -> int:
        """The number of atoms."""
        return len(self.structure)

    @property
    def remarks(self) -> list[str]:
        """What a user should know of this slab before spending time on it."""
        remarks = []
        if self.thickness < self.requested_thickness - 5e-3:
            remarks.append(
                f'it is {self.thickness:.2f} Å thick, less than the '
                f'{self.requested_thickness:.2f} Å asked for'
            )
        thin = describe_thin_vacuum(self.vacuum)
        return [*remarks, thin.removesuffix('.')] if thin else remarks


def format_formula(structure: Structure) -> str:
    """Return the composition by elements, in the order of electronegativity, without spaces."""
    return str(structure.composition.element_composition.formula).replace(' ', '')


def find_terminations(
    bulk: Structure, miller_indices: Sequence[int], options: SlabOptions
) -> list[Termination]:
    """Cut every distinct termination of a surface.

    The plane refers to the cell of the given structure, which is not changed. Kinds (the site
    property ``kind_name``) count as different species wherever slabs are compared or reduced.

    :param bulk: the crystal.
    :param miller_indices: three integers (hkl), or four (hkil) for a hexagonal cell.
    :returns: at least one termination, in the order of their labels.
    :raises SlabGenerationError: if the input is not valid, if the slabs would have too many
        atoms, or if there is no such slab (as when no symmetric one exists).
    """
    _require(
        check_miller_indices(miller_indices),
        check_thickness(options.min_slab_thickness),
        check_vacuum(options.min_vacuum_thickness),
        check_max_atoms(options.max_atoms),
        check_max_normal_search(options.max_normal_search),
    )
    _require(check_bulk(bulk), check_hexagonal(bulk, miller_indices))
    hkl = reduce_miller_indices(miller_indices)
    separated, kinds = separate_kinds(bulk)
    _require(
        _check_size(_estimate_atoms(separated, hkl, options), hkl, options),
        _check_planes(separated, hkl),
    )
    slabs = _generate(separated, hkl, options)
    return _describe(slabs, bulk, hkl, kinds, options)


def _require(*messages: str | None) -> None:
    for message in messages:
        if message:
            raise SlabGenerationError(message)


def _normal(bulk: Structure, hkl: tuple[int, int, int]) -> Vectors:
    vector = bulk.lattice.reciprocal_lattice_crystallographic.get_cartesian_coords(hkl)
    return np.asarray(vector / np.linalg.norm(vector))


def _estimate_atoms(bulk: Structure, hkl: tuple[int, int, int], options: SlabOptions) -> int:
    """Count the atoms of a slab as pymatgen builds it, before anything is built.

    The oriented cell spans whole planes: for three indices that differ from 0 its vectors
    (-k, h, 0)/gcd(h, k) and (-l, 0, h)/gcd(h, l) enclose h/(gcd(h, k) gcd(h, l)) cells of the
    plane, otherwise one. Its third vector is the cell's own one closest to the normal, which
    crosses as many planes as its index says.
    """
    h, k, l = hkl  # noqa: E741 (the field's name)
    cells = abs(h) // (math.gcd(h, k) * math.gcd(h, l)) if h and k and l else 1
    planes = abs(max(zip(hkl, bulk.lattice.abc, strict=True), key=lambda ia: abs(ia[0]) / ia[1])[0])
    spacing = 1.0 if options.in_unit_planes else float(bulk.lattice.d_hkl(hkl))
    layers = math.ceil(options.min_slab_thickness / (planes * spacing))
    return len(bulk) * cells * planes * layers


def _check_size(n_atoms: int, hkl: tuple[int, int, int], options: SlabOptions) -> str | None:
    if n_atoms <= options.max_atoms:
        return None
    return (
        f'A slab {format_plane(hkl)} as thick as asked for has {n_atoms} atoms before it is '
        f'reduced to a smaller cell; the limit max_atoms is {options.max_atoms}. Choose lower '
        'Miller indices or a thinner slab, or raise the limit.'
    )


def _check_planes(bulk: Structure, hkl: tuple[int, int, int]) -> str | None:
    gap = widest_gap(bulk, hkl)
    if gap > LAYER_TOLERANCE:
        return None
    return (
        f'The atomic planes {format_plane(hkl)} are at most {gap:.3f} Å apart; terminations can be '
        f'told apart only if planes are more than {LAYER_TOLERANCE} Å apart. Choose lower Miller '
        'indices.'
    )


def _generate(bulk: Structure, hkl: tuple[int, int, int], options: SlabOptions) -> list[Slab]:
    with warnings.catch_warnings():
        # Said when symmetrizing fails; whether nothing is left is told by the error below.
        warnings.filterwarnings('ignore', message='Too many sites removed')
        try:
            generator = SlabGenerator(
                bulk,
                hkl,
                options.min_slab_thickness,
                options.min_vacuum_thickness,
                lll_reduce=options.lll_reduce,
                center_slab=options.center_slab,
                in_unit_planes=options.in_unit_planes,
                primitive=options.primitive,
                max_normal_search=options.max_normal_search,
            )
            _check_cell(generator, bulk, hkl, options)
            slabs: list[Slab] = generator.get_slabs(symmetrize=options.symmetrize)
            if not slabs:
                unsymmetrized = len(generator.get_slabs(symmetrize=False))
                raise SlabGenerationError(_describe_asymmetry(bulk, hkl, unsymmetrized))
        except SymmetryUndeterminedError as error:
            raise SlabGenerationError(f'spglib finds no symmetry: {error}') from error
    return slabs


def _check_cell(
    generator: SlabGenerator, bulk: Structure, hkl: tuple[int, int, int], options: SlabOptions
) -> None:
    """Refuse, before the slabs are built, what would be too large or not a slab any more."""
    oriented = generator.oriented_unit_cell
    vectors = np.array(oriented.lattice.matrix)
    normal = _normal(bulk, hkl)
    height = abs(float(vectors[2] @ normal))
    unit = height / float(bulk.lattice.d_hkl(hkl)) if options.in_unit_planes else height
    layers = math.ceil(options.min_slab_thickness / unit)
    _require(_check_size(len(oriented) * layers, hkl, options))

    if options.lll_reduce:
        vectors[2] *= layers + math.ceil(options.min_vacuum_thickness / unit)
        reduced = Lattice(vectors).get_lll_reduced_lattice().matrix
        if not is_along_planes(reduced, normal):
            raise SlabGenerationError(
                f'The LLL reduction mixes the vacuum of the slab {format_plane(hkl)} with the '
                'directions in its plane, because the cell is longer in the plane than along the '
                'normal. Set lll_reduce to False.'
            )


def _describe_asymmetry(bulk: Structure, hkl: tuple[int, int, int], unsymmetrized: int) -> str:
    rotations = SpacegroupAnalyzer(bulk, SYMMETRY_TOLERANCE).get_symmetry_dataset().rotations
    # A rotation W of fractional coordinates takes the plane h to h W⁻¹; the group has both.
    turns_over = any(
        np.array_equal(np.array(hkl) @ rotation, -np.array(hkl)) for rotation in rotations
    )
    plane = format_plane(hkl)
    count = f'{unsymmetrized} unsymmetrized termination' + ('s' if unsymmetrized > 1 else '')
    if turns_over:
        return (
            f'None of the {count} {plane} became symmetric by removing atoms. Ask for a thicker '
            'slab, or set symmetrize to False.'
        )
    return (
        f'No symmetric slab {plane} exists: no symmetry operation of the crystal turns the plane '
        f'over. Set symmetrize to False for the {count}.'
    )


def _describe(
    slabs: list[Slab],
    bulk: Structure,
    hkl: tuple[int, int, int],
    kinds: Kinds,
    options: SlabOptions,
) -> list[Termination]:
    normal = _normal(bulk, hkl)
    pairs: list[tuple[Slab, UprightSlab]] = []
    for slab in slabs:
        if not is_along_planes(slab.scale_factor @ bulk.lattice.matrix, normal):
            raise SlabGenerationError(
                f'The vacuum of the slab {format_plane(hkl)} is not along the third lattice vector.'
            )
        upright = make_upright(slab, bulk.lattice, normal, kinds, options.center_slab)
        pairs.append((slab, upright))
    pairs.sort(
        key=lambda pair: layer_order(
            canonical_layers(pair[1].heights, kind_names(pair[1].structure))
        )
    )
    unit = float(bulk.lattice.d_hkl(hkl)) if options.in_unit_planes else 1.0
    return [
        Termination(
            label=label,
            structure=upright.structure,
            miller_indices=hkl,
            shift=float(slab.shift),
            area=upright.area,
            thickness=upright.thickness,
            vacuum=upright.vacuum,
            requested_thickness=float(options.min_slab_thickness) * unit,
            is_symmetric=slab.is_symmetric(),
            is_stoichiometric=_reduced(upright.structure) == _reduced(bulk),
        )
        for label, (slab, upright) in zip(slab_labels(len(pairs)), pairs, strict=True)
    ]


def _reduced(structure: Structure) -> Composition:
    return structure.composition.element_composition.reduced_composition
