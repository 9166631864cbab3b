"""Antiferromagnetic crystals of the tests, as pymatgen has them, and what VASP gets of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from pymatgen.core.lattice import Lattice
from pymatgen.core.structure import Structure

if TYPE_CHECKING:
    from aiida.orm import CalcJobNode


def antiferromagnetic_nickel_oxide() -> Structure:
    """NiO in the order AF1: planes (001) of nickel up and down by turns, 2 μB."""
    nickel = np.array([[0, 0, 0], [0.5, 0.5, 0], [0.5, 0, 0.5], [0, 0.5, 0.5]])
    return Structure(
        Lattice.cubic(4.178),
        ['Ni'] * 4 + ['O'] * 4,
        [*nickel, *(nickel + 0.5) % 1.0],
        site_properties={'magmom': [2.0, 2.0, -2.0, -2.0, 0.0, 0.0, 0.0, 0.0]},
    )


def hematite() -> Structure:
    """Hematite, Fe2O3, in its primitive cell: iron up, down, down, up along [111], 4.2 μB."""
    a, c, u, v = 5.035, 13.75, 0.35534, 0.5556
    height = a / 3**0.5
    lattice = [[a / 2, height / 2, c / 3], [-a / 2, height / 2, c / 3], [0, -height, c / 3]]
    iron = [0.5 - u, u, 1 - u, u + 0.5]
    oxygen = np.array([[v, 0.5 - v, 0.25], [0.5 - v, 0.25, v], [0.25, v, 0.5 - v]])
    return Structure(
        Lattice(lattice),
        ['Fe'] * 4 + ['O'] * 6,
        [*([one] * 3 for one in iron), *oxygen % 1.0, *-oxygen % 1.0],
        site_properties={'magmom': [4.2, -4.2, -4.2, 4.2] + [0.0] * 6},
    )


def tags_of(calculation: CalcJobNode) -> dict[str, str]:
    """The tags of the INCAR that VASP got."""
    lines = calculation.base.repository.get_object_content('INCAR').splitlines()
    pairs = (line.split('=', 1) for line in lines if '=' in line)
    return {tag.strip(): value.strip() for tag, value in pairs}
