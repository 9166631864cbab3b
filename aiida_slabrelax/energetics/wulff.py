"""The equilibrium shape of a crystal: the one with the lowest surface energy for its volume."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from pymatgen.analysis.wulff import WulffFacet, WulffShape
from scipy.spatial import QhullError

from ..surfaces.bulk.crystal import Crystal
from ..surfaces.checks import format_plane
from ..surfaces.indices import Plane
from ..surfaces.planes import family
from .errors import NotComparableError

__all__ = ['CrystalShape', 'wulff_shape']

SOURCE = 'G. Wulff, Z. Kristallogr. 34, 449 (1901); R. Tran et al., Sci. Data 3, 160080 (2016)'


class CrystalShape(WulffShape):
    """pymatgen's Wulff shape, with planes equivalent by the symmetry of the *crystal*.

    pymatgen takes all operations of the lattice, which gives too many facets if the crystal has
    fewer: twelve {1-102} of corundum instead of six. Opposite planes are equivalent here, since
    they are the two faces of one slab.
    """

    def __init__(self, crystal: Crystal, energies_j_per_m2: Mapping[Plane, float]) -> None:
        self._crystal = crystal
        super().__init__(
            crystal.given.lattice, list(energies_j_per_m2), list(energies_j_per_m2.values())
        )

    def _get_all_miller_e(self) -> list[Any]:
        facets = []
        reciprocal = np.linalg.inv(self._crystal.vectors).T
        for index, (plane, energy) in enumerate(zip(self.hkl_list, self.e_surf_list, strict=True)):
            images = self._crystal.to_primitive(plane) @ self._crystal.rotations
            for image in np.unique(np.concatenate([images, -images]), axis=0):
                normal = image @ reciprocal
                normal /= np.linalg.norm(normal)
                facets.append(
                    WulffFacet(
                        normal, energy, normal * energy, normal / energy, index, index, plane
                    )
                )
        return sorted(facets, key=lambda facet: facet.e_surf)


def wulff_shape(crystal: Crystal, energies_j_per_m2: Mapping[Plane, float]) -> CrystalShape:
    """Return the Wulff shape of a crystal.

    :param crystal: the bulk.
    :param energies_j_per_m2: the surface energies in J/m², by the Miller indices of the planes in
        the given cell. Of equivalent planes, the one with the lowest energy counts.
    :returns: the shape; ``area_fraction_dict`` has the share of each plane in the surface
        (dimensionless); lengths are in J/m².
    :raises NotComparableError: if a surface energy is not positive, or the planes do not enclose a
        volume.
    """
    lowest: dict[Plane, tuple[float, Plane]] = {}
    for plane, energy in energies_j_per_m2.items():
        if not (np.isfinite(energy) and energy > 0):
            raise NotComparableError(
                f'The surface energy of {format_plane(plane)} is {energy:.4f} J/m²; a shape needs '
                'positive ones.'
            )
        same = family(crystal, plane)
        lowest[same] = min(lowest.get(same, (np.inf, plane)), (energy, plane))
    try:
        return CrystalShape(crystal, {plane: energy for energy, plane in lowest.values()})
    except (QhullError, IndexError, np.linalg.LinAlgError) as error:
        planes = ', '.join(map(format_plane, energies_j_per_m2)) or 'none'
        raise NotComparableError(
            f'These planes and those equivalent to them do not enclose a crystal: {planes}.'
        ) from error
