"""Every termination of a surface, from pymatgen's slab generator."""

from __future__ import annotations

import math
import warnings

import numpy as np
from pymatgen.core.lattice import Lattice
from pymatgen.core.structure import Structure
from pymatgen.core.surface import Slab, SlabGenerator
from pymatgen.symmetry.analyzer import SpacegroupAnalyzer, SymmetryUndeterminedError

from ..slab_options import SlabOptions
from .bulk.crystal import Crystal
from .bulk.kinds import kind_names
from .checks import format_plane
from .exact.cutting import describe_no_turning
from .orientation import Cut, is_along_planes, make_upright
from .reasons import Mention, Reason, SlabGenerationError
from .slabs.geometry import Vectors
from .terminations import format_formula

SYMMETRY_TOLERANCE = 0.1
"""The tolerance (Å) with which pymatgen decides whether a slab is symmetric."""


def cut_with_pymatgen(
    crystal: Crystal, hkl: tuple[int, int, int], options: SlabOptions
) -> tuple[list[Cut], list[tuple[str, Reason]]]:
    """Cut every termination of a surface.

    :returns: the slabs; and the formula of each that was excluded, with the reason.
    :raises SlabGenerationError: if the slabs would have too many atoms, or if there is no such slab
        (as when no symmetric one exists).
    """
    bulk = crystal.structure
    normal = _normal(bulk, hkl)
    cuts: list[Cut] = []
    excluded: list[tuple[str, Reason]] = []
    for slab in _generate(bulk, hkl, options):
        if not is_along_planes(slab.scale_factor @ bulk.lattice.matrix, normal):
            raise SlabGenerationError(
                f'The vacuum of the slab {format_plane(hkl)} is not along the third lattice vector.'
            )
        if options.stoichiometric_only and not _is_stoichiometric(slab, bulk):
            excluded.append((format_formula(slab), Reason('not stoichiometric')))
            continue
        upright = make_upright(slab, bulk.lattice, normal, crystal.kinds, options.center_slab)
        layers = upright.geometry.layers(kind_names(upright.structure), options.layer_tolerance)
        cuts.append(Cut(upright, float(slab.shift), bool(slab.is_symmetric()), layers))
    return cuts, excluded


def _thickness(options: SlabOptions) -> float:
    """Return the requested thickness; this generator does not accept a number of layers."""
    assert options.min_slab_thickness is not None
    return options.min_slab_thickness


def _is_stoichiometric(slab: Structure, bulk: Structure) -> bool:
    first, second = (structure.composition.element_composition for structure in (slab, bulk))
    return bool(first.reduced_composition == second.reduced_composition)


def _normal(bulk: Structure, hkl: tuple[int, int, int]) -> Vectors:
    vector = bulk.lattice.reciprocal_lattice_crystallographic.get_cartesian_coords(hkl)
    return np.asarray(vector / np.linalg.norm(vector))


def check_size(crystal: Crystal, hkl: tuple[int, int, int], options: SlabOptions) -> None:
    """Count the atoms of a slab as pymatgen builds it, before anything is built.

    The oriented cell spans whole planes: for three indices that differ from 0 its vectors
    (-k, h, 0)/gcd(h, k) and (-l, 0, h)/gcd(h, l) enclose h/(gcd(h, k) gcd(h, l)) cells of the
    plane, otherwise one. Its third vector is the cell's own one closest to the normal, whose
    index is the number of planes that it crosses.

    :raises SlabGenerationError: if there are more than ``max_atoms``.
    """
    bulk = crystal.structure
    h, k, l = hkl
    cells = abs(h) // (math.gcd(h, k) * math.gcd(h, l)) if h and k and l else 1
    planes = abs(max(zip(hkl, bulk.lattice.abc, strict=True), key=lambda ia: abs(ia[0]) / ia[1])[0])
    spacing = 1.0 if options.in_unit_planes else float(bulk.lattice.d_hkl(hkl))
    layers = math.ceil(_thickness(options) / (planes * spacing))
    _check_size(len(bulk) * cells * planes * layers, hkl, options)


def _check_size(n_atoms: int, hkl: tuple[int, int, int], options: SlabOptions) -> None:
    if n_atoms > options.max_atoms:
        raise SlabGenerationError(
            f'A slab {format_plane(hkl)} as thick as asked for has {n_atoms} atoms before it is '
            'reduced to a smaller cell; the limit ',
            Mention('is', 'max_atoms', options.max_atoms),
            '. Choose lower Miller indices or a thinner slab, or raise the limit.',
        )


def _generate(bulk: Structure, hkl: tuple[int, int, int], options: SlabOptions) -> list[Slab]:
    with warnings.catch_warnings():
        # pymatgen warns if symmetrizing fails; the error below says if no slab is left.
        warnings.filterwarnings('ignore', message='Too many sites removed')
        try:
            generator = SlabGenerator(
                bulk,
                hkl,
                _thickness(options),
                options.min_vacuum_thickness,
                lll_reduce=options.lll_reduce,
                center_slab=options.center_slab,
                in_unit_planes=options.in_unit_planes,
                primitive=options.primitive,
                max_normal_search=options.max_normal_search,
            )
            _check_cell(generator, bulk, hkl, options)
            slabs: list[Slab] = generator.get_slabs(symmetrize=bool(options.symmetrize))
            if not slabs:
                slabs = generator.get_slabs(symmetrize=False)
                if options.symmetrize is True:
                    raise SlabGenerationError(_describe_asymmetry(bulk, hkl, len(slabs)))
        except SymmetryUndeterminedError as error:
            raise SlabGenerationError(f'spglib finds no symmetry: {error}') from error
    return slabs


def _check_cell(
    generator: SlabGenerator, bulk: Structure, hkl: tuple[int, int, int], options: SlabOptions
) -> None:
    """Check, before the slabs are built, that they are not too large and still slabs."""
    oriented = generator.oriented_unit_cell
    vectors = np.array(oriented.lattice.matrix)
    normal = _normal(bulk, hkl)
    height = abs(float(vectors[2] @ normal))
    unit = height / float(bulk.lattice.d_hkl(hkl)) if options.in_unit_planes else height
    layers = math.ceil(_thickness(options) / unit)
    _check_size(len(oriented) * layers, hkl, options)

    if options.lll_reduce:
        vectors[2] *= layers + math.ceil(options.min_vacuum_thickness / unit)
        reduced = Lattice(vectors).get_lll_reduced_lattice().matrix
        if not is_along_planes(reduced, normal):
            raise SlabGenerationError(
                f'The LLL reduction mixes the vacuum of the slab {format_plane(hkl)} with the '
                'directions in its plane, because the cell is longer in the plane than along the '
                'normal. ',
                Mention('set', 'lll_reduce', False, capital=True),
                '.',
            )


def _describe_asymmetry(bulk: Structure, hkl: tuple[int, int, int], unsymmetrized: int) -> Reason:
    rotations = SpacegroupAnalyzer(bulk, SYMMETRY_TOLERANCE).get_symmetry_dataset().rotations
    # A rotation W of fractional coordinates takes the plane h to h W⁻¹; the group has both.
    turns_over = any(
        np.array_equal(np.array(hkl) @ rotation, -np.array(hkl)) for rotation in rotations
    )
    if not turns_over:
        return describe_no_turning(hkl, unsymmetrized)
    count = f'{unsymmetrized} unsymmetrized termination{"s" * (unsymmetrized > 1)}'
    return Reason(
        f'None of the {count} {format_plane(hkl)} became symmetric by removing atoms. Ask for a '
        'thicker slab, or ',
        Mention('set', 'symmetrize', False),
        '.',
    )
