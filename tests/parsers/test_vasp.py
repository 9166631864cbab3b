"""The parser in real calculations, whose executable stands in for VASP."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from aiida import engine
from aiida.orm import (
    CalcJobNode,
    CifData,
    Dict,
    InstalledCode,
    KpointsData,
    StructureData,
    WorkChainNode,
)
from aiida.plugins import CalculationFactory, WorkflowFactory
from aiida_vasp.data.potcar import PotcarData
from ase import Atoms
from ase.calculators.emt import EMT
from ase.constraints import FixAtoms
from ase.optimize import BFGS

RELAX = {'ibrion': 1, 'nsw': 30, 'ediffg': -0.02, 'nelm': 40, 'isif': 2}
STATES = {'include_node': ['bands', 'dos', 'projectors']}

Calculate = Callable[..., CalcJobNode]


def options(variables: dict[str, object]) -> dict[str, Any]:
    return {
        'parser_name': 'slabrelax.vasp',
        'resources': {'num_machines': 1},
        'environment_variables': {
            f'VASP_STANDIN_{name}': str(value) for name, value in variables.items()
        },
    }


@pytest.fixture
def calculate(vasp_code: InstalledCode, potential_family: str, rattled: Atoms) -> Calculate:
    """Return a function that relaxes the slab in one calculation.

    The environment variables of the stand-in are given without their prefix.
    """

    def run(
        incar: dict[str, Any] | None = None,
        parser_settings: dict[str, Any] | None = None,
        freedom: list[list[bool]] | None = None,
        given: CifData | None = None,
        **variables: object,
    ) -> CalcJobNode:
        structure = StructureData(ase=rattled)
        kpoints = KpointsData()
        kpoints.set_kpoints_mesh([2, 2, 1])
        inputs = {
            'code': vasp_code,
            'structure': given or structure,
            'parameters': Dict({**RELAX, **(incar or {})}),
            'kpoints': kpoints,
            'potential': PotcarData.get_potcars_from_structure(
                structure, potential_family, {'Cu': 'Cu'}
            ),
            'settings': Dict({'parser_settings': parser_settings or {}}),
            'metadata': {'options': options(variables)},
        }
        if freedom is not None:
            inputs['dynamics'] = Dict({'positions_dof': freedom})
        _, node = engine.run_get_node(CalculationFactory('vasp.vasp'), **inputs)
        return node

    return run


@pytest.fixture
def energy(rattled: Atoms) -> float:
    """The energy (eV) of the slab as ASE itself relaxes it."""
    atoms = rattled.copy()
    atoms.calc = EMT()
    BFGS(atoms, logfile=None).run(fmax=0.02)
    return float(atoms.get_potential_energy())


def energy_of(node: CalcJobNode) -> Any:
    return node.outputs.misc.get_dict()['total_energies']['energy_extrapolated']


def test_a_relaxation(calculate: Calculate, rattled: Atoms) -> None:
    flags = [[False] * 3, [False] * 3, [True] * 3, [True] * 3]
    node = calculate(freedom=flags)
    assert node.exit_status == 0
    rattled.calc = EMT()
    rattled.set_constraint(FixAtoms([0, 1]))
    BFGS(rattled, logfile=None).run(fmax=0.02)
    assert energy_of(node) == pytest.approx(rattled.get_potential_energy(), abs=1e-7)
    assert node.outputs.structure.get_ase().positions == pytest.approx(rattled.positions, abs=1e-6)
    misc = node.outputs.misc.get_dict()
    forces = rattled.get_forces(apply_constraint=False)
    assert np.array(misc['forces']) == pytest.approx(forces, abs=1e-6)
    largest = np.linalg.norm(forces[2:], axis=1).max()
    assert misc['convergence']['largest_force'] == pytest.approx(largest, abs=1e-6)
    assert largest < 0.02 < np.linalg.norm(forces, axis=1).max()
    assert misc['convergence']['reason'] == 'VASP: reached required accuracy'
    status = misc['run_status']
    assert (status['electronic_converged'], status['ionic_converged']) == (True, True)
    assert (status['finished'], status['nsw'], status['nelm']) == (True, 30, 40)
    assert status['last_iteration_index'][0] == status['complete_ionic_steps']
    assert not status['contains_nelm_breach']
    assert 'file_problems' not in misc
    assert misc['version'] == '6.5.1'
    assert misc['notifications'] == []
    assert misc['run_stats']['elapsed_time'] >= 0
    assert set(node.outputs) == {'misc', 'remote_folder', 'retrieved', 'structure'}


@pytest.mark.parametrize('columns', [4, 5, 10, 16, 17])
def test_densities_of_states(calculate: Calculate, energy: float, columns: int) -> None:
    node = calculate({'ispin': 2}, STATES, DIALECT=f'dos={columns}')
    assert node.exit_status == 0
    assert energy_of(node) == pytest.approx(energy, abs=1e-7)
    dos = node.outputs.dos
    assert dos.get_array('tdos').shape == (2, 11)
    partial = dos.get_array('pdos')
    assert partial.shape == (2, 4, 11, columns - 1)
    assert partial[1, 3, :, 2] == pytest.approx(4.02)  # as the stand-in pretends
    assert len(dos.base.attributes.get('orbitals')) == columns - 1
    assert node.outputs.bands.get_bands().shape[0] == 2
    assert 'projectors' not in node.outputs


@pytest.mark.parametrize('columns', [3, 4, 9, 16])
def test_projections(calculate: Calculate, energy: float, columns: int) -> None:
    node = calculate(None, STATES, DIALECT=f'projected={columns}')
    assert node.exit_status == 0
    assert energy_of(node) == pytest.approx(energy, abs=1e-7)
    projections = node.outputs.projectors.get_array('projectors')
    points, bands = node.outputs.bands.get_bands().shape
    assert projections.shape == (4, points, bands, columns)
    assert projections[2] == pytest.approx(0.03)


def test_what_was_asked_for_and_is_not_there_costs_nothing(
    calculate: Calculate, energy: float
) -> None:
    node = calculate(None, STATES)
    assert node.exit_status == 0
    assert energy_of(node) == pytest.approx(energy, abs=1e-7)
    assert 'bands' in node.outputs.misc['file_problems']


@pytest.mark.parametrize(
    'dialect',
    ['dos=17', 'symbols', 'hash', 'stars', 'foreign', 'control', 'no-contcar', 'half-vasprun'],
)
def test_forms_that_lose_nothing(calculate: Calculate, energy: float, dialect: str) -> None:
    node = calculate(DIALECT=dialect)
    assert node.exit_status == 0
    assert energy_of(node) == pytest.approx(energy, abs=1e-7)
    assert [kind.symbol for kind in node.outputs.structure.kinds] == ['Cu']


def test_a_crystal_given_as_cif(calculate: Calculate, rattled: Atoms, tmp_path: Path) -> None:
    path = tmp_path / 'slab.cif'
    rattled.write(path)
    node = calculate(given=CifData(file=str(path), parse_policy='lazy'), MODEL='instant')
    assert node.exit_status == 0
    assert node.outputs.structure.get_formula() == 'Cu4'


def test_kpoints_of_a_file_that_is_not_there(calculate: Calculate, energy: float) -> None:
    node = calculate(None, {'kpoints_from_ibzkpt': True, 'include_node': ['kpoints']})
    assert node.exit_status == 0
    assert energy_of(node) == pytest.approx(energy, abs=1e-7)
    assert 'IBZKPT' in node.outputs.misc['file_problems']


def test_without_vasprun(calculate: Calculate, energy: float) -> None:
    node = calculate(FAIL='no-vasprun')
    assert node.exit_status == 0
    assert energy_of(node) == pytest.approx(energy, abs=1e-7)
    misc = node.outputs.misc.get_dict()
    assert (misc['sources']['energy'], misc['sources']['structure']) == ('OUTCAR', 'CONTCAR')
    assert misc['file_problems'] == {'vasprun.xml': 'is missing'}


def test_no_numbers(calculate: Calculate) -> None:
    node = calculate(DIALECT='nan')
    assert node.exit_status == 701
    assert node.exit_message == (
        'The electronic structure is not converged: the last ionic step has no energy.'
    )
    misc = node.outputs.misc.get_dict()
    assert {'total_energies', 'forces'}.isdisjoint(misc)


def test_a_crash_leaves_the_complete_steps(calculate: Calculate) -> None:
    node = calculate(FAIL='crash')
    assert node.exit_status == 352
    misc = node.outputs.misc.get_dict()
    missing = dict.fromkeys(('vasprun.xml', 'OUTCAR', 'CONTCAR'), 'is missing')
    assert misc['file_problems'] == missing
    assert 'run_status' not in misc
    assert 'structure' not in node.outputs


@pytest.mark.parametrize(('way', 'tag'), [('lstop=3', 'LSTOP'), ('labort=3', 'LABORT')])
def test_stopcar(calculate: Calculate, way: str, tag: str) -> None:
    node = calculate(FAIL=way)
    assert node.exit_status == 702
    assert node.exit_message == (
        f'The ionic relaxation is not converged: stopped by STOPCAR ({tag} = .TRUE.).'
    )
    assert node.outputs.misc['run_status']['ionic_converged'] is False
    assert 'structure' in node.outputs


def test_nsw_is_reached(calculate: Calculate) -> None:
    node = calculate({'nsw': 4})
    assert node.exit_status == 702
    assert node.exit_message.startswith(
        'The ionic relaxation is not converged: the largest force on a free atom is '
    )
    assert node.exit_message.endswith('after 4 of at most 4 ionic steps (NSW).')


def test_an_old_version(calculate: Calculate) -> None:
    node = calculate(DIALECT='version=4')
    assert node.exit_status == 710
    assert node.exit_message == (
        'VASP 4.6.28 is not supported: its files are read from version 5 on'
    )
    assert 'run_status' not in node.outputs.misc.get_dict()


@pytest.mark.parametrize('quantity', ['born_charges', 'forces'])
def test_quantities_that_a_user_requires(calculate: Calculate, quantity: str) -> None:
    node = calculate(None, {'required_quantity': [quantity]}, MODEL='instant')
    assert node.exit_status == (1002 if quantity == 'born_charges' else 0)
    assert 'misc' in node.outputs


@pytest.fixture
def relax(calculate: Calculate, potential_family: str) -> Callable[..., WorkChainNode]:
    """Return a function that relaxes the slab in a VaspWorkChain."""

    def run(parser_settings: dict[str, Any] | None = None, **variables: object) -> WorkChainNode:
        given = calculate(MODEL='instant').inputs
        _, node = engine.run_get_node(
            WorkflowFactory('vasp.v2.vasp'),
            code=given.code,
            structure=given.structure,
            kpoints=given.kpoints,
            parameters=Dict({'incar': {**RELAX, 'lorbit': 11}}),
            potential_family=potential_family,
            potential_mapping=Dict({'Cu': 'Cu'}),
            calc={'metadata': {'options': options(variables)}},
            max_iterations=5,
            settings=Dict({'no_default_monitors': True, 'parser_settings': parser_settings or {}}),
        )
        return node

    return run


def test_a_cut_in_the_first_ionic_step_is_repeated_once(
    relax: Callable[..., WorkChainNode], tmp_path: Path
) -> None:
    once = relax(FAIL='killed=1#1', STATE=tmp_path)
    assert once.exit_status == 0
    assert [child.exit_status for child in once.called] == [700, 0]
    always = relax(FAIL='killed=1')
    assert always.exit_status == 501
    assert [child.exit_status for child in always.called] == [700, 703]


def test_a_work_chain_delivers_bands_and_densities_of_states(
    relax: Callable[..., WorkChainNode], energy: float
) -> None:
    node = relax({'include_node': ['bands', 'dos']}, DIALECT='dos=17')
    assert node.exit_status == 0
    assert node.outputs.dos.get_array('pdos').shape == (4, 11, 16)
    assert 'bands' in node.outputs
    found = node.outputs.misc['total_energies']['energy_extrapolated']
    assert found == pytest.approx(energy, abs=1e-7)
