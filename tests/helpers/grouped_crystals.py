"""Crystals of molecules, polyhedra and layers: positions from experiments, rounded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from pymatgen.core.lattice import Lattice
from pymatgen.core.structure import Structure

from bulk_crystals import from_spacegroup, silver_phosphate


@dataclass(frozen=True)
class Grouped:
    """A crystal with groups.

    :ivar crystal: the crystal.
    :ivar keep_whole: what names its groups.
    :ivar bonds: the largest length (Å) of the bonds in its groups by elements, found by looking at
        the distances: what is next is at least half an Å farther.
    :ivar coordination: for each of these bonds, seen from both sides, the numbers of neighbours
        that atoms have in the crystal.
    """

    crystal: Structure
    keep_whole: str | list[str]
    bonds: dict[str, float]
    coordination: dict[str, set[int]]


def build(make: Callable[[], Structure | Grouped]) -> Structure:
    """Return the crystal that a function of this module or of `bulk_crystals` makes."""
    made = make()
    return made.crystal if isinstance(made, Grouped) else made


def urea() -> Grouped:
    """Urea at 12 K: Swaminathan, Craven, McMullan, Acta Cryst. B 40, 300 (1984)."""
    crystal = from_spacegroup(
        'P-42_1m',
        Lattice.tetragonal(5.565, 4.684),
        ['C', 'O', 'N', 'H', 'H'],
        [
            [0, 0.5, 0.326],
            [0, 0.5, 0.5953],
            [0.1459, 0.6459, 0.1766],
            [0.2575, 0.7575, 0.2827],
            [0.1441, 0.6441, -0.038],
        ],
    )
    bonds = {'C-O': 1.5, 'C-N': 1.6, 'N-H': 1.3}
    return Grouped(
        crystal,
        'molecules',
        bonds,
        {'C-O': {1}, 'O-C': {1}, 'C-N': {2}, 'N-C': {1}, 'N-H': {2}, 'H-N': {1}},
    )


def carbon_dioxide() -> Grouped:
    """Dry ice at 150 K: Simon and Peters, Acta Cryst. B 36, 2750 (1980)."""
    crystal = from_spacegroup(
        'Pa-3', Lattice.cubic(5.624), ['C', 'O'], [[0, 0, 0], [0.1185, 0.1185, 0.1185]]
    )
    return Grouped(crystal, 'molecules', {'C-O': 1.6}, {'C-O': {2}, 'O-C': {1}})


def bismuth_selenide() -> Grouped:
    """Bi₂Se₃: Nakajima, J. Phys. Chem. Solids 24, 479 (1963)."""
    crystal = from_spacegroup(
        'R-3m',
        Lattice.hexagonal(4.143, 28.636),
        ['Bi', 'Se', 'Se'],
        [[0, 0, 0.4008], [0, 0, 0], [0, 0, 0.2117]],
    )
    return Grouped(crystal, 'layers', {'Bi-Se': 3.2}, {'Bi-Se': {6}, 'Se-Bi': {3, 6}})


def molybdenum_sulfide() -> Grouped:
    """2H-MoS₂: Bronsema, de Boer, Jellinek, Z. anorg. allg. Chem. 540, 15 (1986)."""
    crystal = from_spacegroup(
        'P6_3/mmc',
        Lattice.hexagonal(3.16, 12.294),
        ['Mo', 'S'],
        [[1 / 3, 2 / 3, 0.25], [1 / 3, 2 / 3, 0.621]],
    )
    return Grouped(crystal, 'layers', {'Mo-S': 2.6}, {'Mo-S': {6}, 'S-Mo': {3}})


def monazite() -> Grouped:
    """LaPO₄ in P2₁/n: Ni, Hughes, Mariano, Am. Mineral. 80, 21 (1995)."""
    sites = {
        'La': [[0.28154, 0.16033, 0.10068]],
        'P': [[0.3048, 0.163, 0.6121]],
        'O': [
            [0.2503, 0.0068, 0.4477],
            [0.3799, 0.3315, 0.4964],
            [0.4748, 0.1071, 0.8018],
            [0.1268, 0.2164, 0.7108],
        ],
    }
    species, places = [], []
    for element, those in sites.items():
        for x, y, z in those:
            half = np.array([0.5, 0.5, 0.5])
            place, turned = np.array([x, y, z]), half + np.array([-x, y, -z])
            species += [element] * 4
            places += [place, -place, turned, -turned]
    crystal = Structure(Lattice.monoclinic(6.8313, 7.0705, 6.5034, 103.27), species, places)
    return Grouped(crystal, 'P-O', {'P-O': 2.0}, {'P-O': {4}, 'O-P': {1}})


def baryte() -> Grouped:
    """BaSO₄: Jacobsen et al., Can. Mineral. 36, 1053 (1998)."""
    crystal = from_spacegroup(
        'Pnma',
        Lattice.orthorhombic(8.884, 5.457, 7.157),
        ['Ba', 'S', 'O', 'O', 'O'],
        [
            [0.1845, 0.25, 0.1585],
            [0.437, 0.75, 0.191],
            [0.587, 0.75, 0.106],
            [0.3176, 0.75, 0.0498],
            [0.4194, 0.9704, 0.3109],
        ],
    )
    return Grouped(crystal, 'S-O', {'S-O': 1.9}, {'S-O': {4}, 'O-S': {1}})


def potassium_phosphate() -> Grouped:
    """KH₂PO₄ in I-42d, each hydrogen halfway between two oxygen atoms, as at high pressure."""
    crystal = from_spacegroup(
        'I-42d',
        Lattice.tetragonal(7.4529, 6.9751),
        ['K', 'P', 'O', 'H'],
        [[0, 0, 0.5], [0, 0, 0], [0.1484, 0.0826, 0.1259], [0.147, 0.25, 0.125]],
    )
    return Grouped(crystal, 'auto', {'P-O': 2.0}, {'P-O': {4}, 'O-P': {1}})


def calcite() -> Grouped:
    """CaCO₃: Maslen, Streltsov, Streltsova, Acta Cryst. B 49, 636 (1993)."""
    crystal = from_spacegroup(
        'R-3c',
        Lattice.hexagonal(4.9896, 17.061),
        ['Ca', 'C', 'O'],
        [[0, 0, 0], [0, 0, 0.25], [0.2568, 0, 0.25]],
    )
    return Grouped(crystal, 'C-O', {'C-O': 1.7}, {'C-O': {3}, 'O-C': {1}})


def lithium_iron_phosphate() -> Grouped:
    """LiFePO₄: Streltsov et al., Acta Cryst. B 49, 147 (1993)."""
    crystal = from_spacegroup(
        'Pnma',
        Lattice.orthorhombic(10.332, 6.01, 4.692),
        ['Li', 'Fe', 'P', 'O', 'O', 'O'],
        [
            [0, 0, 0],
            [0.2822, 0.25, 0.9747],
            [0.0948, 0.25, 0.4182],
            [0.0968, 0.25, 0.7428],
            [0.4571, 0.25, 0.206],
            [0.1656, 0.0465, 0.2848],
        ],
    )
    return Grouped(crystal, ['P-O'], {'P-O': 2.0}, {'P-O': {4}, 'O-P': {1}})


def whole_phosphate() -> Grouped:
    return Grouped(silver_phosphate(), 'P-O', {'P-O': 2.0}, {'P-O': {4}, 'O-P': {1}})


def mof_74() -> Grouped:
    """Zn-MOF-74 without solvent, the linkers between rods of zinc: Rosi et al., J. Am. Chem. Soc.
    127, 1504 (2005)."""
    crystal = from_spacegroup(
        'R-3',
        Lattice.hexagonal(26.19, 6.935),
        ['Zn', 'O', 'O', 'O', 'C', 'C', 'C', 'C', 'H'],
        [
            [0.64159, 0.68514, 0.47189],
            [0.96943, 0.29776, 0.36038],
            [0.92763, 0.23048, 0.6102],
            [0.25494, 0.94205, 0.67383],
            [0.92667, 0.2458, 0.42703],
            [0.87918, 0.20711, 0.29083],
            [0.21254, 0.88926, 0.7549],
            [0.1663, 0.84759, 0.63558],
            [0.16529, 0.85803, 0.47918],
        ],
    )
    bonds = {'C-C': 1.75, 'C-O': 1.7, 'C-H': 1.4}
    return Grouped(
        crystal,
        'molecules',
        bonds,
        {'C-C': {1, 3, 2}, 'C-O': {0, 1, 2}, 'O-C': {1}, 'C-H': {0, 1}, 'H-C': {1}},
    )


def cof_5() -> Grouped:
    """COF-5, boronate layers: Côté et al., Science 310, 1166 (2005)."""
    crystal = from_spacegroup(
        'P6/mmm',
        Lattice.hexagonal(30.0198, 3.404),
        ['B', 'O', 'C', 'C', 'C', 'C', 'C', 'H', 'H'],
        [
            [0.11357, 0.556785, 0.5],
            [0.61305, 0.14429, 0.5],
            [0.94617, 0.473085, 0.5],
            [0.47312, 0.02688, 0.5],
            [0.6195, 0.19328, 0.5],
            [0.66641, 0.23896, 0.5],
            [0.66687, 0.28621, 0.5],
            [0.45252, 0.40508, 0.5],
            [0.53659, 0.29828, 0.5],
        ],
    )
    bonds = {'C-C': 1.75, 'C-O': 1.7, 'C-H': 1.4, 'B-O': 1.7, 'B-C': 1.8}
    return Grouped(
        crystal,
        'layers',
        bonds,
        {
            'C-C': {2, 3},
            'C-O': {0, 1},
            'O-C': {1},
            'C-H': {0, 1},
            'H-C': {1},
            'B-O': {2},
            'O-B': {1},
            'B-C': {1},
            'C-B': {0, 1},
        },
    )


#: Each with a plane.
GROUPED = {
    'KH2PO4 (001)': (potassium_phosphate, (0, 0, 1)),
    'LiFePO4 (101)': (lithium_iron_phosphate, (1, 0, 1)),
    'calcite (104)': (calcite, (1, 0, 4)),
    'urea (110)': (urea, (1, 1, 0)),
    'CO2 (111)': (carbon_dioxide, (1, 1, 1)),
    'Bi2Se3 (001)': (bismuth_selenide, (0, 0, 1)),
    'MoS2 (001)': (molybdenum_sulfide, (0, 0, 1)),
    'monazite (100)': (monazite, (1, 0, 0)),
    'baryte (210)': (baryte, (2, 1, 0)),
    'Ag3PO4 (100)': (whole_phosphate, (1, 0, 0)),
    'Ag3PO4 (110)': (whole_phosphate, (1, 1, 0)),
    'Ag3PO4 (111)': (whole_phosphate, (1, 1, 1)),
    'MOF-74 (100)': (mof_74, (1, 0, 0)),
    'COF-5 (001)': (cof_5, (0, 0, 1)),
}


def count_neighbours(
    structure: Structure, bonds: dict[str, float], periodic_along_c: bool = True
) -> dict[str, set[int]]:
    """Return the numbers of neighbours that atoms have, by the elements of both.

    :param bonds: the largest lengths, in Å.
    :param periodic_along_c: whether the structure repeats along its third vector.
    """
    symbols = np.array([site.specie.symbol for site in structure])
    first, second, images, distances = structure.get_neighbor_list(max(bonds.values()))
    found: dict[str, set[int]] = {}
    for pair, length in bonds.items():
        for one, other in {tuple(pair.split('-')), tuple(reversed(pair.split('-')))}:
            near = (symbols[first] == one) & (symbols[second] == other) & (distances <= length)
            if not periodic_along_c:
                near &= images[:, 2] == 0
            counts = np.bincount(first[near], minlength=len(structure))[symbols == one]
            found[f'{one}-{other}'] = {int(count) for count in counts}
    return found
