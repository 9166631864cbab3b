"""Real density-functional theory through the whole chain: GPAW behind the stand-in for VASP.

GPAW has an environment of its own, which ``scripts/gpaw`` makes: ``.venv-gpaw`` in the repository,
or the folder in ``SLABRELAX_GPAW``. Without it these tests are skipped.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiida.engine import run_get_node
from aiida.orm import Computer, Dict, InstalledCode, StructureData
from ase.build import bcc100, bulk

from aiida_slabrelax.parsers.site_moments import read_moments
from aiida_slabrelax.results.costs.amounts import total_of
from aiida_slabrelax.results.costs.reading import costs_of
from aiida_slabrelax.results.relaxations.programs import programs_of_run
from aiida_slabrelax.workflows.surface_energies.workflow import SurfaceEnergiesWorkChain
from aiida_slabrelax.workflows.vasp.work_chain import VaspWorkChain
from process_tree import stand

ENVIRONMENT = Path(
    os.environ.get('SLABRELAX_GPAW', str(Path(__file__).parents[3] / '.venv-gpaw'))
).resolve()

pytestmark = pytest.mark.skipif(
    not (ENVIRONMENT / 'bin' / 'vasp-standin').exists(),
    reason=f'GPAW is not installed in {ENVIRONMENT}: scripts/gpaw does it, in a few minutes',
)

#: Far from converged, so that the tests take a minute.
COARSE = {'encut': 150, 'ediff': 1e-4, 'ismear': 1, 'sigma': 0.2, 'lorbit': 11}

OPTIONS = {
    'resources': {'num_machines': 1},
    'withmpi': False,
    'parser_name': 'slabrelax.vasp',
}


@pytest.fixture(scope='module')
def gpaw_code(localhost: Computer) -> InstalledCode:
    return InstalledCode(
        label='gpaw',
        computer=localhost,
        filepath_executable=str(ENVIRONMENT / 'bin' / 'vasp-standin'),
        default_calc_job_plugin='vasp.vasp',
        with_mpi=False,
        prepend_text='export VASP_STANDIN_MODEL=gpaw OMP_NUM_THREADS=1',
    ).store()


def test_surface_energies(
    gpaw_code: InstalledCode, metal_inputs: Callable[..., dict[str, Any]]
) -> None:
    tags = {**COARSE, 'ispin': 1, 'gga': 'PE', 'ediffg': -0.05, 'nsw': 12}
    inputs = metal_inputs('Al', incar=tags, layers=3, min_slab_thickness=None)
    inputs['overrides']['vasp']['kpoints_spacing'] = 0.1
    _, node = run_get_node(
        SurfaceEnergiesWorkChain,
        **{**inputs, 'code': gpaw_code},
        miller_indices=[1, 1, 1],
    )
    assert (node.exit_status, node.exit_message) == (0, None), stand(node)
    (program,) = programs_of_run(node)
    assert program.startswith('GPAW (gpaw ')
    assert program.endswith(' by vasp-standin')
    ((label, gamma),) = node.outputs.surface_energies.get_dict().items()
    assert node.outputs.terminations.get_dict()[label]['n_atoms'] == 3
    # benchmarks/published.py has the converged number, 0.8 J/m².
    assert 0.4 < gamma['constant']['J/m²'] < 1.4
    parts = [(stage.part, stage.stage) for stage in costs_of(node)]
    assert parts == [('bulk', 'relaxation'), ('bulk', 'single point'), (label, 'relaxation')]
    cost = total_of(costs_of(node))
    assert (cost.core_hours.unknown, cost.ionic_steps.unknown) == (0, 0)
    assert 0 < cost.core_hours.known < 1
    assert cost.electronic_steps.known > 3 * cost.ionic_steps.known > 0


def test_a_cell_relaxes_to_the_minimum_of_the_energy(
    gpaw_code: InstalledCode, potential_family: str
) -> None:
    """350 eV are too few for that with the stress at a fixed number of plane waves."""
    moving = {'ibrion': 1, 'isif': 3, 'nsw': 12, 'ediffg': -0.02}
    incar = {**COARSE, **moving, 'encut': 350, 'ispin': 1, 'gga': 'PE'}
    _, node = run_get_node(
        VaspWorkChain,
        code=gpaw_code,
        structure=StructureData(ase=bulk('Cu', a=3.6)),
        kpoints_spacing=0.08,
        parameters=Dict({'incar': incar}),
        potential_family=potential_family,
        potential_mapping=Dict({'Cu': 'Cu'}),
        calc={'metadata': {'options': OPTIONS}},
    )
    assert (node.exit_status, node.exit_message) == (0, None), stand(node)
    constant = (4 * node.outputs.structure.get_cell_volume()) ** (1 / 3)
    # All-electron PBE: G.-X. Zhang et al., New J. Phys. 20, 063020 (2018).
    assert abs(constant - 3.631) < 0.015


def test_a_magnetic_slab_keeps_its_moments_in_restarts(
    gpaw_code: InstalledCode, potential_family: str
) -> None:
    atoms = bcc100('Fe', (1, 1, 2), a=2.83, vacuum=3.5)
    atoms.set_tags(0)
    slab = StructureData(ase=atoms)
    moving = {'ibrion': 1, 'isif': 2, 'nsw': 2, 'ediffg': -1e-3}
    incar = {**COARSE, **moving, 'encut': 220, 'ispin': 2, 'gga': 'PE'}
    _, node = run_get_node(
        VaspWorkChain,
        code=gpaw_code,
        structure=slab,
        kpoints_spacing=0.15,
        parameters=Dict({'incar': incar}),
        potential_family=potential_family,
        potential_mapping=Dict({'Fe': 'Fe_pv'}),
        magmom_mapping=Dict({'Fe': 2.5}),
        max_iterations=2,
        calc={'metadata': {'options': OPTIONS}},
    )
    first, second = sorted(node.called, key=lambda calculation: calculation.pk)
    misc = first.outputs.misc.get_dict()
    moments = read_moments(misc)
    assert moments is not None
    assert moments == pytest.approx([2.9, 2.9], abs=0.3)
    energies = misc['total_energies']
    assert len({energies[f'energy_{name}'] for name in ('extrapolated', 'free', 'no_entropy')}) == 3
    assert misc['engine'].startswith('GPAW (gpaw ')
    assert first.inputs.parameters['magmom'] == '2.5 2.5'
    assert second.inputs.parameters['magmom'] == pytest.approx(moments)
    assert read_moments(second.outputs.misc.get_dict()) == pytest.approx(moments, abs=0.1)
