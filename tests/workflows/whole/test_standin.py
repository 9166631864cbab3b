"""What aiida-vasp, unmodified, makes of the stand-in: calculations, failures, restarts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from aiida import engine, orm
from aiida.plugins import CalculationFactory, WorkflowFactory
from aiida_vasp import protocols
from aiida_vasp.data.potcar import PotcarData
from ase import Atoms
from ase.build import bulk
from ase.calculators.emt import EMT
from ase.constraints import FixAtoms
from ase.optimize import BFGS

from aiida_slabrelax.standin.inputs.potcar import write_potcar_family
from vasp_job import rattled_slab

RELAX = {'ibrion': 1, 'nsw': 30, 'ediffg': -0.02, 'nelm': 40, 'isif': 2}


@pytest.fixture
def copper_slab() -> Atoms:
    return rattled_slab()


@pytest.fixture
def inputs(vasp_code: orm.InstalledCode, potential_family: str, copper_slab: Atoms) -> Any:
    """Return a function that gives the inputs of ``vasp.vasp``: a relaxation of the slab."""

    def make(structure: orm.StructureData | None = None, **variables: object) -> dict[str, Any]:
        structure = structure or orm.StructureData(ase=copper_slab)
        kpoints = orm.KpointsData()
        kpoints.set_kpoints_mesh([2, 2, 1])
        mapping = {kind.name: kind.symbol for kind in structure.kinds}
        return {
            'code': vasp_code,
            'structure': structure,
            'parameters': orm.Dict(RELAX),
            'kpoints': kpoints,
            'potential': PotcarData.get_potcars_from_structure(
                structure, potential_family, mapping
            ),
            'metadata': {
                'options': {
                    'resources': {'num_machines': 1},
                    'environment_variables': {
                        f'VASP_STANDIN_{name}': str(value) for name, value in variables.items()
                    },
                }
            },
        }

    return make


def calculate(inputs: dict[str, Any]) -> orm.CalcJobNode:
    _, node = engine.run_get_node(CalculationFactory('vasp.vasp'), **inputs)
    return node


def test_relaxation_is_that_of_ase(inputs: Any, copper_slab: Atoms) -> None:
    structure = orm.StructureData(ase=copper_slab)
    flags = [[False] * 3, [False] * 3, [True] * 3, [True] * 3]
    dynamics = orm.Dict({'positions_dof': flags})
    node = calculate({**inputs(structure), 'dynamics': dynamics})
    assert node.exit_status == 0

    copper_slab.calc = EMT()
    copper_slab.set_constraint(FixAtoms([0, 1]))
    BFGS(copper_slab, logfile=None).run(fmax=0.02)
    misc = node.outputs.misc.get_dict()
    energy = misc['total_energies']['energy_extrapolated']
    assert energy == pytest.approx(copper_slab.get_potential_energy(), abs=1e-7)
    relaxed = node.outputs.structure.get_ase()
    assert relaxed.positions == pytest.approx(copper_slab.positions, abs=1e-6)
    forces = copper_slab.get_forces(apply_constraint=False)
    assert np.array(misc['forces']) == pytest.approx(forces, abs=1e-6)
    assert np.array(misc['stress']).shape == (3, 3)
    assert misc['notifications'] == []
    assert misc['version'] == '6.5.1'
    status = misc['run_status']
    assert (status['finished'], status['nsw'], status['nelm']) == (True, 30, 40)
    assert (status['electronic_converged'], status['ionic_converged']) == (True, True)
    assert not status['contains_nelm_breach']
    assert misc['run_stats']['elapsed_time'] >= 0
    # Nothing was missing for the parser to warn of.
    assert orm.Log.collection.get_logs_for(node) == []


def test_kinds_of_one_element_keep_their_order(inputs: Any) -> None:
    atoms = bulk('NiO', 'rocksalt', a=4.17, cubic=True)
    atoms.set_tags([1, 0, 2, 0, 1, 0, 2, 0])
    structure = orm.StructureData(ase=atoms)
    assert structure.get_kind_names() == ['Ni1', 'O', 'Ni2']
    node = calculate(inputs(structure, MODEL='instant'))
    assert node.exit_status == 0
    relaxed = node.outputs.structure.get_ase()
    assert relaxed.get_chemical_symbols() == atoms.get_chemical_symbols()
    assert relaxed.positions == pytest.approx(atoms.positions, abs=1e-8)


@pytest.mark.parametrize('failure', ['no-vasprun@*slab_01', 'nonsense'])
def test_runs_without_vasprun(inputs: Any, copper_slab: Atoms, failure: str) -> None:
    structure = orm.StructureData(ase=copper_slab, label='slab_01')
    node = calculate(inputs(structure, FAIL=failure, MODEL='instant'))
    assert node.exit_status == 352
    assert set(node.outputs) == {'remote_folder', 'retrieved'}


@pytest.fixture
def work(inputs: Any, potential_family: str) -> Any:
    """Return a function that runs ``vasp.v2.vasp`` on the slab."""

    def run(iterations: int = 3, **variables: object) -> orm.WorkChainNode:
        given = inputs(**variables)
        _, node = engine.run_get_node(
            WorkflowFactory('vasp.v2.vasp'),
            code=given['code'],
            structure=given['structure'],
            kpoints=given['kpoints'],
            parameters=orm.Dict({'incar': RELAX}),
            potential_family=potential_family,
            potential_mapping=orm.Dict({'Cu': 'Cu'}),
            calc={'metadata': given['metadata']},
            max_iterations=iterations,
            settings=orm.Dict({'no_default_monitors': True}),
        )
        return node

    return run


@pytest.mark.parametrize(
    ('failure', 'status', 'children'),
    [
        ('electronic', 401, [701, 701]),
        ('ionic', 401, [702, 702]),
        ('crash', 500, [352]),
        ('killed', 401, [700, 700]),
    ],
)
def test_failures_of_a_work_chain(
    work: Any, failure: str, status: int, children: list[int]
) -> None:
    node = work(iterations=2, FAIL=failure, MODEL='instant')
    assert node.exit_status == status
    assert [child.exit_status for child in node.called] == children
    for child in node.called:
        assert ('misc' in child.outputs) == ('structure' in child.outputs) == (failure != 'crash')


def test_work_chain_recovers_from_failures(work: Any, tmp_path: Path) -> None:
    node = work(FAIL='electronic#1;killed=4#1', STATE=tmp_path)
    assert node.exit_status == 0
    first, second, third = node.called
    assert [child.exit_status for child in (first, second, third)] == [701, 700, 0]
    assert first.inputs.structure.uuid == second.inputs.structure.uuid
    # The killed relaxation goes on from the last structure that it wrote.
    assert third.inputs.structure.uuid == second.outputs.structure.uuid
    assert node.outputs.misc['run_status']['ionic_converged'] is True


def test_default_family_suits_the_protocols(tmp_path: Path) -> None:
    names = {path.parent.name for path in write_potcar_family(tmp_path)}
    protocol = yaml.safe_load((Path(protocols.__file__).parent / 'vasp.yaml').read_text())
    assert set(protocol['default_potential_mapping'].values()) <= names


def test_family_is_uploaded(tmp_path: Path) -> None:
    write_potcar_family(tmp_path / 'some', ['Cu', 'Fe_pv', 'Ca_sv'])
    # (found, added to the family, new); copper is known from the family of the other tests.
    counts = PotcarData.upload_potcar_family(tmp_path / 'some', 'some', 'Synthetic', False)
    assert counts[:2] == (3, 3)
    group = PotcarData.get_potcar_group('some')
    assert group is not None
    described = {(node.full_name, node.symbol, node.element) for node in group.nodes}
    assert described == {('Cu', 'Cu', 'Cu'), ('Fe_pv', 'Fe_pv', 'Fe'), ('Ca_sv', 'Ca_sv', 'Ca')}
