"""The reference energies of chemical potentials: those of the elements."""

from __future__ import annotations

from collections.abc import Mapping

from ..errors import NotComparableError
from ..phases import Phase

#: The reference of each element: a crystal, or a molecule such as O2 in a box.
References = Mapping[str, Phase]


def check_references(references: References) -> None:
    """Check that each reference consists of its element only.

    :raises NotComparableError: if a reference does not.
    """
    for element, phase in references.items():
        if set(phase.counts) != {element}:
            raise NotComparableError(
                f'The reference of {element} is {phase.formula}, not {element} alone.'
            )


def energy_per_atom_ev(element: str, references: References) -> float:
    """Return the energy per atom (eV) of the reference of an element.

    :raises NotComparableError: if the element has no reference.
    """
    if element not in references:
        given = ', '.join(references) or 'none'
        raise NotComparableError(f'There is no reference of {element}; given: {given}.')
    return references[element].energy_per_atom_ev


def formation_energy(phase: Phase, references: References) -> float:
    """Return the energy of formation from the elements, in eV per formula unit.

    ΔH = E − Σ nᵢεᵢ, without zero-point energies, temperature and pressure. It is negative if the
    phase is stable against its elements.

    :raises NotComparableError: if a reference is missing or does not consist of its element.
    """
    check_references(references)
    return phase.energy_per_unit_ev - sum(
        count * energy_per_atom_ev(element, references)
        for element, count in phase.formula_unit.items()
    )
