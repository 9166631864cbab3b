"""Surface energies of the slabs of a crystal as dataclasses. Works without AiiDA."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from pymatgen.core.structure import Structure

from ...energetics import SurfaceEnergy
from ...surfaces.bulk.crystal import Crystal
from ...surfaces.indices import Plane

if TYPE_CHECKING:
    import pandas as pd  # type: ignore[import-untyped] # it has no types
    from aiida.orm import StructureData


@dataclass(frozen=True)
class Surface:
    """The surface energy of one slab.

    :ivar label: the label of the slab.
    :ivar formula: the formula of the slab.
    :ivar plane: its Miller indices in the cell of the bulk; None if its termination is unknown.
    :ivar area_a2: the area of one face, in Å².
    :ivar energy: the surface energy γ₀ + Σ cᵢΔμᵢ.
    :ivar described: the whole entry of the output ``surface_energies``.
    :ivar termination: the data recorded when the slab was cut; empty if unknown.
    """

    label: str
    formula: str
    plane: Plane | None
    area_a2: float
    energy: SurfaceEnergy
    described: Mapping[str, Any] = field(repr=False, compare=False)
    termination: Mapping[str, Any] = field(repr=False, compare=False)


@dataclass(frozen=True)
class Limits:
    """The chemical potentials at which the bulk is stable.

    :ivar elements: the elements whose potentials are free, in the order of the columns.
    :ivar vertices_ev: shape (v, n), the corners as Δμ in eV.
    :ivar bounded_by: the phases that would form beyond the limits.
    """

    elements: tuple[str, ...]
    vertices_ev: NDArray[np.float64] = field(hash=False)
    bounded_by: tuple[str, ...]

    @property
    def middle(self) -> dict[str, float]:
        """The mean of the corners: Δμ in eV by element."""
        mean = self.vertices_ev.mean(axis=0)
        return dict(zip(self.elements, mean.tolist(), strict=True))


@dataclass(frozen=True)
class SurfaceResults:
    """Surface energies of slabs of one bulk.

    :ivar pk: the pk of the calcfunction that computed them, if any.
    :ivar uuid: the uuid of the calcfunction.
    :ivar bulk_structure: the crystal, as a node or for pymatgen; None if unknown.
    :ivar surfaces: the surface energies, sorted by label.
    :ivar refused: by label, why a slab has no surface energy.
    :ivar cleavage_energies: the output ``cleavage_energies``.
    :ivar limits: where the bulk is stable, if known.
    :ivar without_limits: why the limits are unknown.
    :ivar settings: the settings that agree in all calculations: of ``bulk``, and by label of
        ``slabs``; empty if unknown.
    :ivar programs: the programs that computed the total energies, with their versions; empty for
        energies of the user.
    """

    pk: int | None
    uuid: str | None
    bulk_structure: StructureData | Structure | None = field(repr=False, compare=False)
    surfaces: tuple[Surface, ...]
    refused: Mapping[str, str]
    cleavage_energies: Mapping[str, Any]
    limits: Limits | None
    without_limits: str = ''
    settings: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)
    programs: tuple[str, ...] = ()

    @cached_property
    def bulk(self) -> Crystal:
        """The crystal with its symmetry.

        :raises ValueError: if the crystal is unknown.
        """
        if self.bulk_structure is None:
            raise ValueError('the crystal of these surface energies is not known')
        if isinstance(self.bulk_structure, Structure):
            return Crystal.of(self.bulk_structure)
        from ...calculations.phases import to_crystal

        return to_crystal(self.bulk_structure)

    def to_dataframe(self) -> pd.DataFrame:
        """Return a row for each slab, also for refused ones, as a frame of pandas."""
        from ..frames import energies_frame

        return energies_frame(self)

    def _repr_html_(self) -> str:
        from ..frames import energies_html

        return energies_html(self)

    @property
    def elements(self) -> list[str]:
        """The elements on whose chemical potentials a surface energy depends."""
        needed = {element for surface in self.surfaces for element in surface.energy.slopes_per_a2}
        if self.limits is None:
            return sorted(needed)
        return [element for element in self.limits.elements if element in needed]

    @property
    def by_plane(self) -> dict[Plane | None, list[Surface]]:
        """The surfaces by plane: terminations of the same plane compete with each other."""
        planes: dict[Plane | None, list[Surface]] = {}
        for surface in self.surfaces:
            planes.setdefault(surface.plane, []).append(surface)
        return planes

    def lowest(self, delta_mu_ev: Mapping[str, float]) -> dict[Plane | None, Surface]:
        """Return the surface of the lowest energy of each plane at chemical potentials (eV).

        :raises NotComparableError: if a needed potential is missing.
        """

        def energy(surface: Surface) -> float:
            return float(surface.energy.at(delta_mu_ev).ev_per_a2)

        return {plane: min(surfaces, key=energy) for plane, surfaces in self.by_plane.items()}
