"""Settings that VASP accepts and that are often not meant."""

from __future__ import annotations

from typing import Any

import pytest
from aiida.orm import StructureData
from ase.build import bulk

from aiida_slabrelax.workflows.slab_relax.cautions import cautions
from aiida_slabrelax.workflows.slab_relax.dry_run import PlannedCalculation

SPIN = {'ISPIN': '2', 'MAGMOM': '4*5'}


def planned(
    label: str = 'slab_00',
    element: str = 'Cu',
    mesh: list[int] | None = None,
    executable: str = '/opt/vasp_std',
    processes: int = 8,
    **incar: str,
) -> PlannedCalculation:
    return PlannedCalculation(
        label=label,
        structure=StructureData(ase=bulk(element, 'fcc', a=3.6)),
        incar=incar,
        files={},
        script=f"'mpirun' '-np' '{processes}' '{executable}'  > 'vasp_output'\n",
        potentials={},
        symbols=[element],
        electrons=11.0,
        mesh=mesh or [6, 6, 1],
        n_fixed=0,
        options={'resources': {'num_machines': 1, 'num_mpiprocs_per_machine': processes}},
    )


@pytest.mark.parametrize(
    ('settings', 'warning'),
    [
        ({'element': 'Ni'}, 'Ni may be magnetic, and ISPIN is not 2'),
        ({'element': 'Ni', 'ISPIN': '2'}, 'without MAGMOM all atoms begin with 1 μB'),
        ({'LDAU': '.TRUE.', 'LDAUL': '2 -1'}, 'LDAU without LMAXMIX = 4'),
        ({'LDAU': '.TRUE.', 'LDAUL': '3 -1', 'LMAXMIX': '4'}, 'LDAU without LMAXMIX = 6'),
        (
            {'LHFCALC': '.TRUE.', 'ALGO': 'All', 'GGA': 'PS', 'NKRED': '2', 'mesh': [6, 6, 2]},
            'GGA = PS',
        ),
        ({'LHFCALC': '.TRUE.', 'ALGO': 'Fast', 'NKREDX': '2'}, 'LHFCALC with ALGO = Fast'),
        ({'LHFCALC': '.TRUE.', 'ALGO': 'Damped'}, 'LHFCALC without NKRED'),
        ({'LHFCALC': '.TRUE.', 'ALGO': 'A', 'NKREDX': '4'}, 'does not divide the mesh 6×6×1'),
        ({'METAGGA': 'R2SCAN', 'ALGO': 'All'}, 'METAGGA without LASPH'),
        ({'METAGGA': 'R2SCAN', 'LASPH': '.TRUE.'}, 'METAGGA with ALGO = Normal'),
        ({'LUSE_VDW': '.TRUE.', 'GGA': 'ps'}, 'LUSE_VDW with GGA = PS'),
        ({'LUSE_VDW': '.TRUE.', 'GGA': 'MK', 'IVDW': '12'}, 'dispersion counts twice'),
        ({'KPAR': '3'}, 'KPAR = 3 does not divide the 8 MPI processes'),
        ({'KPAR': '8', 'mesh': [2, 2, 1]}, 'KPAR = 8 is more than the 4 k-points'),
        ({'KPAR': '2', 'NCORE': '3'}, 'NCORE = 3 does not divide the 4 MPI processes'),
        ({'NPAR': '2', 'NCORE': '2'}, 'NPAR and NCORE'),
        ({'executable': '/opt/vasp_gam'}, 'vasp_gam with the mesh 6×6×1'),
        ({'LSORBIT': 'T'}, 'vasp_std with LNONCOLLINEAR or LSORBIT'),
        ({'executable': '/opt/vasp_ncl'}, 'vasp_std is faster'),
    ],
)
def test_doubtful_settings(settings: dict[str, Any], warning: str) -> None:
    (text,) = cautions([planned(**settings)])
    assert warning in text


@pytest.mark.parametrize(
    'settings',
    [
        {},
        {'element': 'Ni', **SPIN},
        {'element': 'Ni', 'executable': '/opt/vasp_ncl', 'LSORBIT': '.TRUE.'},
        {'LDAU': '.TRUE.', 'LDAUL': '2', 'LMAXMIX': '4'},
        {'LHFCALC': '.TRUE.', 'ALGO': 'Damped', 'NKREDX': '2', 'NKREDY': '2', 'GGA': 'pe'},
        {'LHFCALC': '.TRUE.', 'ALGO': 'All', 'mesh': [1, 1, 1]},
        {'METAGGA': 'R2SCAN', 'LASPH': '.TRUE.', 'ALGO': 'all'},
        {'LUSE_VDW': '.TRUE.', 'GGA': 'MK'},
        {'KPAR': '4', 'NCORE': '2'},
        {'executable': '/opt/vasp_gam', 'mesh': [1, 1, 1]},
        {'executable': '/opt/my-vasp'},
    ],
)
def test_settings_without_a_doubt(settings: dict[str, Any]) -> None:
    assert cautions([planned(**settings)]) == []


def test_the_slabs_are_named_unless_all_have_it() -> None:
    doubtful, fine = {'KPAR': '3'}, {'KPAR': '2'}
    both = [planned('slab_00', **doubtful), planned('slab_01', **doubtful)]
    assert cautions(both) == ['KPAR = 3 does not divide the 8 MPI processes']
    assert cautions([*both, planned('slab_02', **fine)]) == [
        'slab_00, slab_01: KPAR = 3 does not divide the 8 MPI processes'
    ]
