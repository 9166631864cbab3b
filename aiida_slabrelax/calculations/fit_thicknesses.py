"""The calculation function that fits surface energies to slabs of several thicknesses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiida.engine import ExitCode, calcfunction
from aiida.orm import Dict, Float, Str, StructureData

from ..energetics import NotComparableError, Phase, Slab, check_references, fit_surface_energy
from ..engine.ports.function_ports import declare_namespaces
from .phases import to_crystal, to_phase, to_slab
from .surface_energies import NAMESPACES, NOT_COMPARABLE


@calcfunction
def fit_thicknesses(
    bulk_structure: StructureData,
    bulk_energy: Float,
    terminations: Dict,
    eliminated: Str | None = None,
    **namespaces: Any,
) -> dict[str, Any] | ExitCode:
    """Fit the surface energy of each termination to its slabs (Fiorentini and Methfessel).

    The other inputs are namespaces as in ``calculate_surface_energies``: ``slabs`` and
    ``energies`` by label; ``reference_structures`` and ``reference_energies`` by element.

    The output ``convergence`` is a dictionary by the identity of the termination: ``labels``,
    ``n_atoms`` and ``thickness`` of its slabs from the thinnest, and ``fit``, or ``refused`` with
    the reason.

    :param bulk_structure: The crystal that the slabs were cut from.
    :param bulk_energy: Its energy in eV. The fit does not use it.
    :param terminations: The data of each slab by label, as from ``generate_thicknesses``.
    :param eliminated: The element whose chemical potential the bulk fixes.
    """
    slabs, energies = dict(namespaces.get('slabs', {})), dict(namespaces.get('energies', {}))
    structures = dict(namespaces.get('reference_structures', {}))
    reference_energies = dict(namespaces.get('reference_energies', {}))
    known = terminations.get_dict()
    element = None if eliminated is None else eliminated.value
    try:
        bulk, crystal = to_phase(bulk_structure, bulk_energy), to_crystal(bulk_structure)
        references = {
            symbol: to_phase(structures[symbol], reference_energies[symbol])
            for symbol in sorted(structures)
        }
        check_references(references)
    except NotComparableError as error:
        return ExitCode(NOT_COMPARABLE, str(error))
    except KeyError as error:
        return ExitCode(NOT_COMPARABLE, f'There is no energy of the reference {error}.')

    identities: dict[str, list[str]] = {}
    for label in sorted(slabs, key=lambda label: (known[label]['n_atoms'], label)):
        identities.setdefault(known[label]['identity'], []).append(label)
    convergence: dict[str, Any] = {}
    for identity, labels in sorted(identities.items()):
        convergence[identity] = {
            'labels': labels,
            'n_atoms': [known[label]['n_atoms'] for label in labels],
            'thickness': {'Å': [known[label]['thickness'] for label in labels]},
        }
        try:
            fitted = [
                to_slab(slabs[label], energies[label], known[label], crystal) for label in labels
            ]
            convergence[identity] |= _fit(fitted, bulk, references, element)
        except NotComparableError as error:
            convergence[identity]['refused'] = str(error)
    return {'convergence': Dict(convergence)}


_NAMES = ('slabs', 'energies', 'reference_structures', 'reference_energies')
declare_namespaces(fit_thicknesses, {name: NAMESPACES[name] for name in _NAMES})


def _fit(
    slabs: list[Slab], bulk: Phase, references: Mapping[str, Phase], eliminated: str | None
) -> dict[str, Any]:
    fit = fit_surface_energy(slabs, bulk, references, eliminated)
    error = bulk.energy_per_unit_ev - fit.bulk_energy_ev
    return {'fit': fit.describe(), 'bulk_energy_less_fit': {'eV per formula unit': error}}
