"""The surfaces of ``published.py``: how they are computed, and what has been published.

Every published number is of density-functional theory, with its source. A surface of which no
source could be read is not here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ase import Atoms
from ase.build import bulk
from ase.spacegroup import crystal

TRAN = (
    'R. Tran, Z. Xu, B. Radhakrishnan, D. Winston, W. Sun, K. A. Persson and S. P. Ong, Sci. Data '
    '3, 160080 (2016); data set Dryad doi:10.5061/dryad.f2n6f'
)
BARTOK = (
    'A. P. Bartók, J. Kermode, N. Bernstein and G. Csányi, Phys. Rev. X 8, 041048 (2018); data set '
    'Zenodo doi:10.5281/zenodo.1250555'
)
BAJDICH = 'M. Bajdich, J. K. Nørskov and A. Vojvodic, Phys. Rev. B 91, 155401 (2015), table I'
HOLMSTROM = (
    'E. Holmström, P. Spijker and A. S. Foster, Proc. R. Soc. A 472, 20160293 (2016), table 2'
)

#: The largest deviations from what has been published: metals, and all else.
METAL, OTHER = 0.05, 0.10
#: 1 eV/Å² in J/m².
J_PER_M2 = 16.02176634
#: The area of one MgO on (100), Å²: half a face of the cube, which has 4.261 Å here.
MGO_AREA = 4.261**2 / 2


@dataclass(frozen=True)
class Crystal:
    """A crystal and how it and its slabs are computed.

    :ivar incar: its tags beside :data:`TAGS`.
    :ivar spacing: that of the k-points, 2π/Å.
    :ivar thickness: the least thickness of the slabs, Å.
    :ivar vacuum: the least thickness of the vacuum, Å.
    :ivar slabs: further options of the slabs.
    :ivar tolerance: the relative deviation from the published numbers that is allowed.
    :ivar finer: by name, a setting that is better than the chosen one. With each alone the first
        surface is computed again, which shows how converged the numbers are.
    """

    incar: dict[str, Any]
    spacing: float
    thickness: float
    vacuum: float
    tolerance: float
    slabs: dict[str, Any] = field(default_factory=dict)
    finer: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Published:
    """A published surface energy.

    :ivar gamma: J/m².
    :ivar functional: that of the calculation.
    :ivar code: its program, if that is known.
    :ivar source: where it was published.
    """

    gamma: float
    functional: str
    code: str | None
    source: str


#: What all calculations have in common; GPAW has no Wigner-Seitz radii, nor other physics.
TAGS = {
    'gga': 'PE',
    'ispin': 1,
    'ibrion': 1,
    'nsw': 40,
    'ediff': 1e-5,
    'ediffg': -0.02,
}

CRYSTALS = {
    'Al': Crystal(
        {'encut': 300, 'ismear': 1, 'sigma': 0.2},
        spacing=0.025,
        thickness=14.0,
        vacuum=10.0,
        tolerance=METAL,
        finer={'encut': 400, 'spacing': 0.02, 'thickness': 18.0},
    ),
    'Si': Crystal(
        {'encut': 300, 'ismear': 0, 'sigma': 0.05},
        spacing=0.04,
        thickness=12.0,
        vacuum=10.0,
        tolerance=OTHER,
    ),
    'Cu': Crystal(
        {'encut': 350, 'ismear': 1, 'sigma': 0.2},
        spacing=0.04,
        thickness=10.0,
        vacuum=10.0,
        tolerance=METAL,
    ),
    'MgO': Crystal(
        {'encut': 500, 'ismear': 0, 'sigma': 0.05},
        spacing=0.05,
        thickness=10.0,
        vacuum=10.0,
        tolerance=OTHER,
        finer={'encut': 600, 'spacing': 0.035, 'thickness': 14.0},
    ),
    # Its slab has a face of SrO and one of TiO2, and γ is the mean of both.
    'SrTiO3': Crystal(
        {'encut': 400, 'ismear': 0, 'sigma': 0.05},
        spacing=0.065,
        thickness=12.0,
        vacuum=10.0,
        tolerance=OTHER,
        slabs={'symmetrize': False},
    ),
}


#: The surfaces, the cheapest first.
PUBLISHED = {
    ('Al', (1, 1, 1)): Published(0.795, 'PBE', 'VASP', TRAN),
    ('Al', (1, 0, 0)): Published(0.915, 'PBE', 'VASP', TRAN),
    ('Al', (1, 1, 0)): Published(0.977, 'PBE', 'VASP', TRAN),
    ('Si', (1, 0, 0)): Published(0.1355972132315128 * J_PER_M2, 'PW91', 'CASTEP', BARTOK),
    ('Cu', (1, 1, 1)): Published(1.314, 'PBE', 'VASP', TRAN),
    ('Cu', (1, 0, 0)): Published(1.468, 'PBE', 'VASP', TRAN),
    ('Cu', (1, 1, 0)): Published(1.561, 'PBE', 'VASP', TRAN),
    ('MgO', (1, 0, 0)): Published(0.503 / MGO_AREA * J_PER_M2, 'PBE', 'Quantum ESPRESSO', BAJDICH),
    ('SrTiO3', (0, 0, 1)): Published(1.03, 'PBE', None, HOLMSTROM),
}


#: ASE's name of the lattice, and the constant from which the relaxation begins, Å.
LATTICES = {
    'Al': ('fcc', 4.04),
    'Si': ('diamond', 5.47),
    'Cu': ('fcc', 3.64),
    'MgO': ('rocksalt', 4.25),
    'SrTiO3': ('perovskite', 3.94),
}


def make_crystal(name: str) -> Atoms:
    """Return the primitive cell of a crystal, from which its relaxation begins."""
    lattice, constant = LATTICES[name]
    if lattice == 'perovskite':
        return crystal(
            ('Sr', 'Ti', 'O'),
            [(0, 0, 0), (0.5, 0.5, 0.5), (0.5, 0.5, 0)],
            spacegroup=221,
            cellpar=[constant] * 3 + [90] * 3,
        )
    return bulk(name, lattice, a=constant)


def lattice_constant(name: str, relaxed: Atoms) -> float:
    """Return the constant of a cubic crystal after its relaxation, Å."""
    first = make_crystal(name)
    stretch = relaxed.get_volume() / len(relaxed) * len(first) / first.get_volume()
    return float(LATTICES[name][1] * stretch ** (1 / 3))


def surface_name(crystal: str, plane: tuple[int, ...]) -> str:
    """Return the name of a surface: ``Al (111)``."""
    return f'{crystal} ({"".join(map(str, plane))})'
