"""Crystals that the benchmarks cut, in their conventional cells, from 1 to 160 atoms."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from pymatgen.core.lattice import Lattice
from pymatgen.core.structure import Structure

Site = tuple[str, tuple[float, float, float]]

THIRD = 1 / 3

CRYSTALS: dict[str, tuple[str | int, Lattice, Sequence[Site]]] = {
    'Fe': ('Im-3m', Lattice.cubic(2.866), [('Fe', (0, 0, 0))]),
    'Cu': ('Fm-3m', Lattice.cubic(3.615), [('Cu', (0, 0, 0))]),
    'Mg': ('P6_3/mmc', Lattice.hexagonal(3.209, 5.211), [('Mg', (THIRD, 2 * THIRD, 0.25))]),
    'Si': ('Fd-3m', Lattice.cubic(5.431), [('Si', (0, 0, 0))]),
    'NaCl': ('Fm-3m', Lattice.cubic(5.64), [('Na', (0, 0, 0)), ('Cl', (0.5, 0.5, 0.5))]),
    'CeO2': ('Fm-3m', Lattice.cubic(5.411), [('Ce', (0, 0, 0)), ('O', (0.25, 0.25, 0.25))]),
    'GaAs': ('F-43m', Lattice.cubic(5.653), [('Ga', (0, 0, 0)), ('As', (0.25, 0.25, 0.25))]),
    'SrTiO3': (
        'Pm-3m',
        Lattice.cubic(3.905),
        [('Sr', (0, 0, 0)), ('Ti', (0.5, 0.5, 0.5)), ('O', (0.5, 0.5, 0))],
    ),
    'FeS2': ('Pa-3', Lattice.cubic(5.417), [('Fe', (0, 0, 0)), ('S', (0.385, 0.385, 0.385))]),
    'Ag3PO4': (
        'P-43n',
        Lattice.cubic(6.12),
        [('Ag', (0.25, 0, 0.5)), ('P', (0, 0, 0)), ('O', (0.148, 0.148, 0.148))],
    ),
    'MgAl2O4': (
        'Fd-3m',
        Lattice.cubic(8.083),
        [('Mg', (0, 0, 0)), ('Al', (0.625, 0.625, 0.625)), ('O', (0.3873, 0.3873, 0.3873))],
    ),
    'Y3Al5O12': (
        'Ia-3d',
        Lattice.cubic(12.006),
        [
            ('Y', (0.125, 0, 0.25)),
            ('Al', (0, 0, 0)),
            ('Al', (0.375, 0, 0.25)),
            ('O', (-0.0306, 0.0512, 0.1500)),
        ],
    ),
    'TiO2 rutile': (
        'P4_2/mnm',
        Lattice.tetragonal(4.594, 2.959),
        [('Ti', (0, 0, 0)), ('O', (0.305, 0.305, 0))],
    ),
    'TiO2 anatase': (
        'I4_1/amd',
        Lattice.tetragonal(3.785, 9.514),
        [('Ti', (0, 0, 0)), ('O', (0, 0, 0.2081))],
    ),
    'PbTiO3': (
        'P4mm',
        Lattice.tetragonal(3.904, 4.152),
        [
            ('Pb', (0, 0, 0)),
            ('Ti', (0.5, 0.5, 0.5377)),
            ('O', (0.5, 0.5, 0.1118)),
            ('O', (0.5, 0, 0.6174)),
        ],
    ),
    'ZnO': (
        'P6_3mc',
        Lattice.hexagonal(3.25, 5.207),
        [('Zn', (THIRD, 2 * THIRD, 0)), ('O', (THIRD, 2 * THIRD, 0.382))],
    ),
    'quartz': (
        152,
        Lattice.hexagonal(4.913, 5.405),
        [('Si', (0.4697, 0, THIRD)), ('O', (0.4135, 0.2669, 0.2145))],
    ),
    'LiCoO2': (
        'R-3m',
        Lattice.hexagonal(2.816, 14.054),
        [('Li', (0, 0, 0.5)), ('Co', (0, 0, 0)), ('O', (0, 0, 0.2605))],
    ),
    'Fe2O3': (
        'R-3c',
        Lattice.hexagonal(5.038, 13.772),
        [('Fe', (0, 0, 0.3553)), ('O', (0.3059, 0, 0.25))],
    ),
    'CaCO3': (
        'R-3c',
        Lattice.hexagonal(4.990, 17.061),
        [('Ca', (0, 0, 0)), ('C', (0, 0, 0.25)), ('O', (0.2568, 0, 0.25))],
    ),
    'LiFePO4': (
        'Pnma',
        Lattice.orthorhombic(10.332, 6.010, 4.692),
        [
            ('Li', (0, 0, 0)),
            ('Fe', (0.2822, 0.25, 0.9747)),
            ('P', (0.0948, 0.25, 0.4182)),
            ('O', (0.0968, 0.25, 0.7428)),
            ('O', (0.4571, 0.25, 0.2060)),
            ('O', (0.1656, 0.0465, 0.2848)),
        ],
    ),
    'ZrO2': (
        'P2_1/c',
        Lattice.monoclinic(5.151, 5.212, 5.317, 99.23),
        [
            ('Zr', (0.2754, 0.0395, 0.2083)),
            ('O', (0.0700, 0.3317, 0.3447)),
            ('O', (0.4496, 0.7569, 0.4792)),
        ],
    ),
    'CuO': (
        'C2/c',
        Lattice.monoclinic(4.684, 3.423, 5.129, 99.54),
        [('Cu', (0.25, 0.25, 0)), ('O', (0, 0.4184, 0.25))],
    ),
    'kyanite': (
        'P-1',
        Lattice.from_parameters(7.126, 7.852, 5.572, 89.99, 101.11, 106.03),
        [
            ('Al', (0.3254, 0.7040, 0.4582)),
            ('Al', (0.2974, 0.6989, 0.9505)),
            ('Al', (0.0998, 0.3862, 0.6403)),
            ('Al', (0.1120, 0.9175, 0.1649)),
            ('Si', (0.2962, 0.0649, 0.7066)),
            ('Si', (0.2910, 0.3317, 0.1892)),
            ('O', (0.1095, 0.1468, 0.1288)),
            ('O', (0.1230, 0.6856, 0.1812)),
            ('O', (0.2747, 0.4545, 0.9547)),
            ('O', (0.2831, 0.9354, 0.9353)),
            ('O', (0.1084, 0.1520, 0.6669)),
            ('O', (0.1219, 0.6307, 0.6389)),
            ('O', (0.2823, 0.4453, 0.4289)),
            ('O', (0.2916, 0.9467, 0.4659)),
            ('O', (0.5008, 0.2749, 0.2440)),
            ('O', (0.5015, 0.2312, 0.7553)),
        ],
    ),
}


@cache
def _build(name: str) -> Structure:
    space_group, lattice, sites = CRYSTALS[name]
    elements, coordinates = zip(*sites, strict=True)
    return Structure.from_spacegroup(space_group, lattice, elements, coordinates)


def build_crystal(name: str) -> Structure:
    """Return a crystal of which nothing has been computed yet, as if just read from a file.

    :param name: a key of :data:`CRYSTALS`.
    """
    built = _build(name)
    return Structure(Lattice(built.lattice.matrix), built.species, built.frac_coords)


def build_noisy_crystal(name: str, noise: float) -> Structure:
    """Return a crystal whose atoms are out of place, always in the same way.

    :param name: a key of :data:`CRYSTALS`.
    :param noise: the largest move along each axis, in Å.
    """
    crystal = build_crystal(name)
    moves = noise * np.random.default_rng(0).uniform(-1, 1, (len(crystal), 3))
    positions = crystal.cart_coords + moves
    return Structure(crystal.lattice, crystal.species, positions, coords_are_cartesian=True)


def build_vacancy(name: str, repeats: int) -> Structure:
    """Return a supercell of the primitive cell in which one atom is missing.

    :param name: a key of :data:`CRYSTALS`.
    :param repeats: the number of cells along each axis.
    """
    crystal = build_crystal(name).get_primitive_structure()
    crystal.make_supercell([repeats] * 3)
    crystal.remove_sites([0])
    return crystal
