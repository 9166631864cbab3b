"""The same slabs from the exact builder and from pymatgen's generator, and whether they are."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from pymatgen.core.lattice import Lattice
from pymatgen.core.structure import Structure
from pymatgen.core.structure_matcher import StructureMatcher
from pymatgen.core.surface import Slab, SlabGenerator, generate_all_slabs

from aiida_slabrelax.surfaces import (
    SlabGenerationError,
    SlabGeometry,
    SlabOptions,
    Termination,
    survey,
)
from aiida_slabrelax.surfaces.bulk import crystal as crystals
from aiida_slabrelax.surfaces.bulk.crystal import Crystal
from aiida_slabrelax.surfaces.planes import family
from crystals import build_crystal

THICKNESS, VACUUM = 10.0, 15.0
"""What is asked of every slab (Å)."""

LAYER = 0.1
"""Atoms nearer than this (Å) along the normal belong to one layer, for both generators."""

MARGIN = 1e-3
"""A slab as thick as another is asked for with this much less (Å)."""

SAME = StructureMatcher(ltol=0.005, stol=0.005, angle_tol=0.2, primitive_cell=False, scale=False)
"""Finds slabs to be equal if the atoms are where they should be within about 0.01 Å."""

SIMILAR = StructureMatcher(ltol=0.1, stol=0.1, primitive_cell=False, scale=False)
"""Finds slabs to be equal as pymatgen's generator does."""


@dataclass(frozen=True)
class Case:
    """What both generators are asked for.

    :ivar crystal: its name.
    :ivar planes: one plane (hkl), or all that differ up to an index.
    :ivar symmetrize: both faces of each slab are to be equivalent.
    """

    crystal: str
    planes: tuple[int, int, int] | int
    symmetrize: bool = False

    @property
    def name(self) -> str:
        """As tables show it."""
        if isinstance(self.planes, int):
            planes = f'max_index {self.planes}'
        else:
            planes = f'({"".join(map(str, self.planes))})'
        return f'{self.crystal} {planes}' + (' symmetric' if self.symmetrize else '')


def run_exact(case: Case, bulk: Structure, thickness: float = THICKNESS) -> list[Termination]:
    """Return what the exact builder finds; nothing, if there is no symmetric slab.

    What it knows from earlier runs is forgotten, as of a crystal that has just been read.
    """
    crystals.forget_symmetries()
    options = SlabOptions(
        thickness,
        VACUUM,
        symmetrize=case.symmetrize,
        max_atoms=10**6,
        layer_tolerance=LAYER,
    )
    try:
        if isinstance(case.planes, int):
            return survey(bulk, None, options, max_index=case.planes).terminations
        return survey(bulk, case.planes, options).terminations
    except SlabGenerationError:
        return []


def run_plain(case: Case, bulk: Structure) -> list[Slab]:
    """Return what pymatgen's generator finds, in small cells and centred, as ours are."""
    with warnings.catch_warnings():
        # Said of symmetric slabs that would become too thin.
        warnings.filterwarnings('ignore', message='Too many sites removed')
        size = (THICKNESS, VACUUM)
        if isinstance(case.planes, int):
            return generate_all_slabs(
                bulk, case.planes, *size, center_slab=True, symmetrize=case.symmetrize
            )
        generator = SlabGenerator(bulk, case.planes, *size, center_slab=True)
        return generator.get_slabs(symmetrize=case.symmetrize)


def warm_up() -> None:
    """Let both generators import and look up what they need only once."""
    for case in (Case('ZrO2', (1, 0, 0)), Case('ZrO2', (1, 0, 0), True), Case('SrTiO3', 1)):
        run_exact(case, build_crystal(case.crystal))
        run_plain(case, build_crystal(case.crystal))


def find_differences(
    case: Case, slabs: Sequence[Slab], terminations: Sequence[Termination]
) -> list[str]:
    """Compare what the two generators find.

    Every plane that pymatgen cuts must be cut, or one equivalent to it. Each of pymatgen's slabs
    must be among those that the exact builder makes as thick. Without symmetrizing, each of these
    must be among pymatgen's as well, as far as pymatgen tells slabs apart.

    :param slabs: pymatgen's.
    :param terminations: the exact builder's.
    :returns: a sentence for each plane or slab without a counterpart.
    """
    crystal = Crystal.of(build_crystal(case.crystal))
    cut = {family(crystal, one.miller_indices) for one in terminations}
    found = []
    for plane in sorted({tuple(map(int, slab.miller_index)) for slab in slabs}):
        one = replace(case, planes=plane)
        theirs = [slab for slab in slabs if tuple(slab.miller_index) == plane]
        if family(crystal, plane) not in cut:
            found.append(f'{case.name}: the exact builder does not cut {plane}')
        found += _compare_plane(one, theirs)
    return found


def _compare_plane(case: Case, slabs: Sequence[Slab]) -> list[str]:
    found = []
    bulk = build_crystal(case.crystal)
    theirs = [with_vacuum(slab) for slab in slabs if not cuts_through_layer(slab, bulk)]
    for slab in theirs:
        if not any(SAME.fit(slab, one) for one in _as_thick(case, SlabGeometry.of(slab).thickness)):
            found.append(f'{case.name}: the exact builder has no slab {slab.formula}')
    if not case.symmetrize and theirs:
        ours = _as_thick(case, min(SlabGeometry.of(slab).thickness for slab in theirs))
        new = [one for one in ours if not any(SIMILAR.fit(one, slab) for slab in theirs)]
        # In place of each slab cut through a layer there is one cut beside it.
        for one in new[len(slabs) - len(theirs) :]:
            found.append(f'{case.name}: pymatgen has no slab {one.formula}')
    return found


def _as_thick(case: Case, height: float) -> list[Structure]:
    """Return the exact slabs at least as high (Å), without those that cut one of pymatgen's layers.

    Its layers are chains of atoms, and may be thicker than the tolerance.
    """
    bulk = build_crystal(case.crystal)
    return [
        one.structure
        for one in run_exact(case, bulk, height - MARGIN)
        if gap_at(bulk, one.miller_indices, one.shift) > LAYER
    ]


def cuts_through_layer(slab: Slab, bulk: Structure) -> bool:
    """Tell whether pymatgen has cut where there is no gap between layers.

    It cuts half-way between the mean heights of two layers. If one of them is thick and the gap is
    narrow, that is inside the thick one.
    """
    cell = SlabGenerator(bulk.copy(), slab.miller_index, 1.0, 1.0).oriented_unit_cell
    heights = cell.frac_coords[:, 2]
    return _gap(heights, slab.shift) * cell.lattice.d_hkl((0, 0, 1)) <= LAYER


def gap_at(bulk: Structure, plane: tuple[int, int, int], shift: float) -> float:
    """Return the gap (Å) in which an exact slab was cut.

    :param shift: in planes of the primitive cell above the origin.
    """
    crystal = Crystal.of(bulk)
    indices = crystal.to_primitive(plane)
    spacing = float(Lattice(crystal.vectors).d_hkl(tuple(indices)))
    return _gap(crystal.coordinates @ indices, shift) * spacing


def _gap(heights: NDArray[np.float64], shift: float) -> float:
    """Return the gap in which a height lies, all in one period."""
    return float(((heights - shift) % 1.0).min() + ((shift - heights) % 1.0).min())


def with_vacuum(slab: Structure) -> Structure:
    """Return a slab with c along the normal and as much vacuum as is asked for."""
    geometry = SlabGeometry.of(slab)
    a, b, _ = geometry.vectors
    lattice = [a, b, geometry.normal * (geometry.thickness + VACUUM)]
    positions = geometry.fractional @ geometry.vectors
    return Structure(lattice, slab.species, positions, coords_are_cartesian=True)
