"""Atoms that are too close to each other to be two."""

import numpy as np
from ase.data import covalent_radii
from pymatgen.core.sites import PeriodicSite
from pymatgen.core.structure import Structure

MIN_DISTANCE = 0.5
"""Atoms closer than this (Å) are one atom written twice; the shortest bond, H–H, is 0.74 Å."""

SHORTEST_BOND = 0.5
"""Atoms closer than this part of the sum of their covalent radii cannot be.

The shortest bonds of crystals are U–O of uranyl (0.67) and Na–Na at 320 GPa (0.57).
"""


def check_distances(structure: Structure, name: str) -> str | None:
    """Check that no two atoms are closer than their elements can be.

    :param name: what the structure is, for the message.
    :returns: a message, or None.
    """
    radii = np.array([_covalent_radius(site) for site in structure])
    # Atoms on top of each other first: among too many of them no larger distance can be looked for.
    for reach in (MIN_DISTANCE, 2 * SHORTEST_BOND * float(radii.max())):
        first, second, _, distances = structure.get_neighbor_list(reach)
        needed = np.maximum(MIN_DISTANCE, SHORTEST_BOND * (radii[first] + radii[second]))
        missing = needed - distances
        if len(missing) and missing.max() > 0:
            worst = int(np.argmax(missing))
            pair = sorted((int(first[worst]), int(second[worst])))
            elements = ' and '.join(structure[atom].species_string for atom in pair)
            return (
                f'Atoms {pair[0]} and {pair[1]} of the {name} are {distances[worst]:.3f} Å apart '
                f'(at least {needed[worst]:.2f} Å is needed between {elements}): an atom seems to '
                'be given twice, or the cell is not the one meant.'
            )
    return None


def _covalent_radius(site: PeriodicSite) -> float:
    """Return the covalent radius (Å) of Cordero et al., 2008; without an element it is 0."""
    return max(
        (float(covalent_radii[element.Z]) for element in site.species if getattr(element, 'Z', 0)),
        default=0.0,
    )
