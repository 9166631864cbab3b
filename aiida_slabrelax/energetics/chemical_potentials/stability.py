"""The chemical potentials at which a crystal is stable against its elements and other phases.

In equilibrium with the crystal Σ bᵢΔμᵢ = ΔH. No element may condense, Δμᵢ ≤ 0, and no other phase
may form, Σ pᵢΔμᵢ ≤ ΔH_p. With one potential eliminated these are half-spaces of the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.spatial import HalfspaceIntersection

from ..errors import NotComparableError
from ..phases import Phase
from .references import References, formation_energy

#: A region is empty if no ball of this radius (eV) fits into it.
SMALLEST_RANGE = 1e-6

Array = NDArray[np.float64]


@dataclass(frozen=True)
class StabilityRegion:
    """The chemical potentials at which a crystal is stable: an interval, a polygon or a polytope.

    :ivar elements: the elements whose potentials are free, in the order of the columns.
    :ivar eliminated: the element whose potential the crystal fixes.
    :ivar formula_unit: the atoms of a formula unit of the crystal.
    :ivar formation_energy_ev: ΔH of the crystal, in eV per formula unit.
    :ivar vertices_ev: shape (v, n), the corners as Δμ in eV; those of a polygon are in order.
    :ivar half_spaces_ev: shape (m, n + 1), rows (a, b) with a·Δμ + b ≤ 0, in eV.
    :ivar phases: shape (m,), the phase that would form beyond each half-space.
    """

    elements: tuple[str, ...]
    eliminated: str
    formula_unit: Mapping[str, int] = field(hash=False)
    formation_energy_ev: float
    vertices_ev: Array = field(hash=False)
    half_spaces_ev: Array = field(hash=False)
    phases: tuple[str, ...]

    formula: ClassVar[str] = 'Σ bᵢ Δμᵢ = ΔH; Δμᵢ ≤ 0; Σ pᵢ Δμᵢ ≤ ΔH_p of every other phase p'
    source: ClassVar[str] = 'K. Reuter and M. Scheffler, Phys. Rev. B 65, 035406 (2001)'
    comparable_with: ClassVar[str] = (
        'chemical potentials counted from the same references at the same settings'
    )

    def complete(self, delta_mu_ev: Mapping[str, float]) -> dict[str, float]:
        """Return Δμ (eV) of all elements, given those of the free ones.

        :raises NotComparableError: if the value of a free element is missing.
        """
        missing = [element for element in self.elements if element not in delta_mu_ev]
        if missing:
            raise NotComparableError(f'Δμ of {", ".join(missing)} is missing.')
        free = {element: float(delta_mu_ev[element]) for element in self.elements}
        rest = sum(self.formula_unit[element] * value for element, value in free.items())
        fixed = (self.formation_energy_ev - rest) / self.formula_unit[self.eliminated]
        return {**free, self.eliminated: fixed}

    def contains(self, delta_mu_ev: Mapping[str, float], tolerance: float = 1e-9) -> bool:
        """Return whether the crystal is stable at given Δμ (eV) of the free elements."""
        point = [self.complete(delta_mu_ev)[element] for element in self.elements]
        return bool((self.half_spaces_ev @ [*point, 1.0] <= tolerance).all())

    def interval(self, element: str) -> tuple[float, float]:
        """Return the smallest and the largest Δμ (eV) of an element of the crystal.

        :raises NotComparableError: if the crystal does not have the element.
        """
        if element not in self.formula_unit:
            raise NotComparableError(f'The crystal has no {element}.')
        corners = [dict(zip(self.elements, corner, strict=True)) for corner in self.vertices_ev]
        values = [self.complete(corner)[element] for corner in corners]
        return min(values), max(values)

    @property
    def bounded_by(self) -> list[str]:
        """The phases that bound the region."""
        corners = np.column_stack([self.vertices_ev, np.ones(len(self.vertices_ev))])
        touching = (np.abs(corners @ self.half_spaces_ev.T) < 1e-7).sum(axis=0)
        return [
            phase for phase, n in zip(self.phases, touching, strict=True) if n >= len(self.elements)
        ]

    def describe(self) -> dict[str, Any]:
        """Return everything as plain data for JSON, each number under its unit."""
        return {
            'elements': list(self.elements),
            'eliminated': self.eliminated,
            'formation_energy': {'eV per formula unit': self.formation_energy_ev},
            'intervals': {
                element: {'eV': list(self.interval(element))} for element in self.formula_unit
            },
            'vertices': {'eV': self.vertices_ev.tolist()},
            'bounded_by': self.bounded_by,
            'comparable_with': self.comparable_with,
            'formula': self.formula,
            'source': self.source,
        }


def stability_region(
    bulk: Phase,
    references: References,
    competing: Mapping[str, Phase] | None = None,
    eliminated: str | None = None,
) -> StabilityRegion:
    """Return the chemical potentials at which a crystal is stable.

    :param references: the references of all its elements.
    :param competing: other phases of these elements, by name.
    :param eliminated: the element whose potential the crystal fixes; by default the most
        electropositive one.
    :raises NotComparableError: if the crystal is an element, or is stable nowhere; if a reference
        is missing or does not consist of its element; or if a competing phase has a further
        element.
    """
    if len(bulk.counts) == 1:
        raise NotComparableError(
            f'The crystal is the element {bulk.elements[0]}: its chemical potential is fixed.'
        )
    chosen = bulk.elements[0] if eliminated is None else eliminated
    if chosen not in bulk.counts:
        raise NotComparableError(f'{chosen} cannot be eliminated: the bulk is {bulk.formula}.')
    unit, energy = bulk.formula_unit, formation_energy(bulk, references)
    free = tuple(element for element in bulk.elements if element != chosen)

    def half_space(atoms: Mapping[str, int], limit: float) -> list[float]:
        """Return the row for Σ atomsᵢΔμᵢ ≤ limit, with the eliminated potential substituted."""
        share = atoms.get(chosen, 0) / unit[chosen]
        row = [atoms.get(element, 0) - share * unit[element] for element in free]
        return [*row, share * energy - limit]

    rows = [half_space({element: 1}, 0.0) for element in bulk.elements]
    names = list(bulk.elements)
    for name, phase in (competing or {}).items():
        foreign = [element for element in phase.elements if element not in unit]
        if foreign:
            raise NotComparableError(
                f'The phase {name}, {phase.formula}, has {", ".join(foreign)}, which the bulk '
                f'{bulk.formula} does not have: its chemical potential is unknown.'
            )
        row = half_space(phase.formula_unit, formation_energy(phase, references))
        if np.allclose(row[:-1], 0.0, atol=1e-12):  # the composition of the bulk
            if row[-1] > SMALLEST_RANGE:
                raise NotComparableError(
                    f'{bulk.formula} is stable nowhere: {name} has the same composition and is '
                    f'{row[-1]:.4f} eV lower per formula unit.'
                )
            continue
        rows.append(row)
        names.append(name)

    half_spaces_ev = np.array(rows)
    return StabilityRegion(
        elements=free,
        eliminated=chosen,
        formula_unit=unit,
        formation_energy_ev=energy,
        vertices_ev=find_vertices(half_spaces_ev, bulk.formula),
        half_spaces_ev=half_spaces_ev,
        phases=tuple(names),
    )


def find_vertices(half_spaces_ev: Array, formula: str) -> Array:
    """Return the corners of an intersection of half-spaces.

    :raises NotComparableError: if the intersection is empty.
    """
    normals, offsets = half_spaces_ev[:, :-1], half_spaces_ev[:, -1]
    n = normals.shape[1]
    # The centre of the largest ball that fits is well inside.
    lengths = np.linalg.norm(normals, axis=1)
    ball = linprog(
        c=[0.0] * n + [-1.0],
        A_ub=np.column_stack([normals, lengths]),
        b_ub=-offsets,
        bounds=[(None, None)] * n + [(0, None)],
    )
    if not ball.success or ball.x[-1] < SMALLEST_RANGE:
        raise NotComparableError(
            f'{formula} is stable nowhere: at all chemical potentials its elements or another '
            'phase would form.'
        )
    if n == 1:
        limits = -offsets / normals[:, 0]
        lower, upper = limits[normals[:, 0] < 0].max(), limits[normals[:, 0] > 0].min()
        return np.array([[lower], [upper]])
    centre = ball.x[:-1]
    intersections = HalfspaceIntersection(half_spaces_ev, centre).intersections
    _, kept = np.unique(np.round(intersections, 8), axis=0, return_index=True)
    corners = intersections[np.sort(kept)]
    if n == 2:
        x, y = (corners - centre).T
        corners = corners[np.argsort(np.arctan2(y, x))]
    return np.asarray(corners)
