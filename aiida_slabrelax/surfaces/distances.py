"""Interatomic distances that are too short."""

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
    """Check that no two atoms are closer than their covalent radii allow.

    :param name: the name of the structure in the message.
    :returns: a message, or None.
    """
    radii = np.array([_covalent_radius(site) for site in structure])
    # Coincident atoms first: with many of them the search for larger distances takes too long.
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
    """Return the covalent radius (Å) of Cordero et al., 2008; 0 without an element."""
    return max(
        (float(covalent_radii[element.Z]) for element in site.species if getattr(element, 'Z', 0)),
        default=0.0,
    )
