"""Surface energies against the thickness of the slabs, from a run of ``converge_thickness``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from aiida.orm import Dict, Node, ProcessNode

from ...energetics import EnergyPerArea
from ...engine.links import outputs_of
from ..relaxations.programs import programs_of_run


@dataclass(frozen=True)
class Convergence:
    """The slabs of one termination, from the thinnest to the thickest.

    :ivar identity: the termination.
    :ivar labels: the labels of the slabs.
    :ivar n_atoms: the numbers of atoms.
    :ivar thickness_a: the thicknesses, in Å.
    :ivar plain_j_per_m2: γ of each slab with the energy of the bulk, in J/m².
    :ivar fitted_j_per_m2: γ of the linear fit, in J/m²; None without a fit.
    :ivar error_j_per_m2: its standard error; None for two slabs.
    :ivar residuals_mev: the deviations of the energies from the fit, in meV; None without a fit.
    :ivar refused: why there is no fit.
    :ivar programs: the programs that computed the total energies, with their versions.
    """

    identity: str
    labels: tuple[str, ...]
    n_atoms: tuple[int, ...]
    thickness_a: tuple[float, ...]
    plain_j_per_m2: tuple[float, ...]
    fitted_j_per_m2: float | None = None
    error_j_per_m2: float | None = None
    residuals_mev: tuple[float, ...] | None = None
    refused: str = ''
    programs: tuple[str, ...] = ()


def convergence_of(node: Node) -> list[Convergence]:
    """Return the terminations of a run; empty if it has none (yet), or is another node."""
    if not isinstance(node, ProcessNode):
        return []
    outputs = outputs_of(node)
    names = ('convergence', 'surface_energies')
    if not all(isinstance(outputs.get(name), Dict) for name in names):
        return []
    programs = tuple(programs_of_run(node))
    found = read_convergence(*(outputs[name].get_dict() for name in names))
    return [replace(termination, programs=programs) for termination in found]


def read_convergence(
    convergence: Mapping[str, Any], surface_energies: Mapping[str, Any]
) -> list[Convergence]:
    """Return the terminations of a run.

    :param convergence: the content of the output of that name.
    :param surface_energies: the content of the output of that name.
    """
    return [
        _read(identity, entry, surface_energies) for identity, entry in sorted(convergence.items())
    ]


def _read(
    identity: str, entry: Mapping[str, Any], surface_energies: Mapping[str, Any]
) -> Convergence:
    fit, thickness = entry.get('fit'), [float(value) for value in entry['thickness']['Å']]
    order = sorted(range(len(thickness)), key=thickness.__getitem__)
    labels = [str(entry['labels'][index]) for index in order]
    error = None if fit is None else fit['standard_error']['eV/Å²']
    return Convergence(
        identity=identity,
        labels=tuple(labels),
        n_atoms=tuple(int(entry['n_atoms'][index]) for index in order),
        thickness_a=tuple(thickness[index] for index in order),
        plain_j_per_m2=tuple(
            float(surface_energies[label]['constant']['J/m²']) for label in labels
        ),
        fitted_j_per_m2=None if fit is None else float(fit['surface_energy']['constant']['J/m²']),
        error_j_per_m2=None if error is None else float(EnergyPerArea(error).j_per_m2),
        residuals_mev=(
            None
            if fit is None
            else tuple(1000 * float(fit['residuals']['eV'][index]) for index in order)
        ),
        refused=str(entry.get('refused', '')),
    )
