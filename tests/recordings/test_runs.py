"""What the parser makes of runs that VASP itself wrote, and what they have cost."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import ase.io
import numpy as np
import pytest
from aiida.orm import CalcJobNode, WorkChainNode
from pymatgen.core import Lattice, Structure
from pymatgen.io.vasp.outputs import Vasprun

from aiida_slabrelax.results.costs.amounts import Amount, Cost
from aiida_slabrelax.results.costs.reading import cost_of
from aiida_slabrelax.results.relaxations.sources import ionic_steps
from replay_vasp import Recording, needs_recordings, poscar, recording

pytestmark = needs_recordings

Replay = Callable[..., CalcJobNode]
Relax = Callable[..., WorkChainNode]

STATIC = {'nsw': 0, 'ibrion': -1}
#: What is not as in the other calculations.
INCARS = {
    ('si_spin_lorbit10', 1): STATIC,
    ('si_static_projected', 0): STATIC,
    ('nelm_reached', 0): {'nsw': -1},
    ('brmix_converged', 0): {'nsw': -1},
}


@pytest.fixture(scope='module')
def cut_off(replay_relaxation: Relax) -> WorkChainNode:
    """A relaxation that was cut off and continued."""
    cut, converged = (recording('cut_off_then_converged', number) for number in (0, 1))
    incar = {'ibrion': 1, 'isif': 3, 'nsw': 20, 'ediffg': 1e-8}
    return replay_relaxation([cut, converged], by_pymatgen(converged).structures[0], incar)


@pytest.fixture(scope='module')
def died_in_setup(replay_relaxation: Relax) -> WorkChainNode:
    """A relaxation whose only calculation died before its first step."""
    played = recording('died_in_setup')
    incar = {'ibrion': 3, 'isif': 3, 'nsw': 100, 'ediffg': -0.002}
    return replay_relaxation([played], poscar(played.files['POSCAR']), incar)


@pytest.fixture(scope='module')
def old_version(replay_relaxation: Relax) -> WorkChainNode:
    """A relaxation by a version of VASP that is not supported."""
    played = recording('vasp46')
    structure = by_pymatgen(played).structures[0]
    return replay_relaxation([played], structure, {'ibrion': 1, 'nsw': 10})


@pytest.fixture(scope='module')
def calculation(replay: Replay, cut_off: WorkChainNode) -> Replay:
    """Return a function that returns the calculation of a recording, of which there is one."""

    @cache
    def calculate(name: str, number: int) -> CalcJobNode:
        if name == 'cut_off_then_converged':
            return called(cut_off)[number]
        played = recording(name, number)
        structure = by_pymatgen(played).structures[0]
        incar = INCARS.get((name, number), {})
        return replay(played, structure, incar, {'omit_structure': False})

    return calculate


def called(relaxation: WorkChainNode) -> list[CalcJobNode]:
    return sorted(relaxation.called, key=lambda child: child.pk or 0)


@cache
def by_pymatgen(played: Recording) -> Vasprun:
    with tempfile.NamedTemporaryFile(suffix='.xml') as file, warnings.catch_warnings():
        warnings.simplefilter('ignore')
        file.write(played.files['vasprun.xml'])
        file.flush()
        return Vasprun(
            file.name,
            parse_dos=False,
            parse_eigen=False,
            parse_potcar_file=False,
            exception_on_bad_xml=False,
        )


def energy_in_outcar(played: Recording) -> float:
    lines = played.files['OUTCAR'].decode().splitlines()
    return float([line for line in lines if 'energy(sigma->0)' in line][-1].split()[-1])


def apart(node: CalcJobNode, structure: Structure) -> float:
    """Return by how much (Å) the sites of the output structure are elsewhere, but for the cell."""
    found = node.outputs.structure
    difference = structure.lattice.get_fractional_coords(
        [site.position for site in found.sites]
    ) - np.array(structure.frac_coords)
    difference -= np.round(difference)
    assert np.array(found.cell) == pytest.approx(structure.lattice.matrix, abs=1e-6)
    return float(np.abs(structure.lattice.get_cartesian_coords(difference)).max())


@pytest.mark.parametrize(
    ('name', 'number', 'status', 'energy'),
    [
        ('ir100_slab', 0, 0, -31.64703257),
        ('si_spin_lorbit10', 0, 0, None),
        ('si_spin_lorbit10', 1, 0, None),
        ('si_static_projected', 0, 0, None),
        ('nelm_reached', 0, 701, None),
        ('brmix_converged', 0, 0, None),
        ('cut_off_then_converged', 0, 700, None),
        ('cut_off_then_converged', 1, 0, -4.88410937),
    ],
)
def test_energies_and_structures(
    calculation: Replay, name: str, number: int, status: int, energy: float | None
) -> None:
    played = recording(name, number)
    expected = by_pymatgen(played)
    node = calculation(name, number)
    assert node.exit_status == status
    misc = node.outputs.misc.get_dict()
    found = misc['total_energies']['energy_extrapolated']
    assert found == pytest.approx(expected.final_energy, abs=1e-7)
    assert found == pytest.approx(energy_in_outcar(played), abs=5e-7)
    if energy is not None:
        assert found == pytest.approx(energy, abs=1e-7)
    last = expected.ionic_steps[-1]
    assert np.array(misc['forces']) == pytest.approx(np.array(last['forces']), abs=1e-8)
    assert apart(node, last['structure']) < 1e-6
    assert misc['sources']['energy'] == 'vasprun.xml'


def test_a_symbol_that_vasp_cut_short(replay: Replay) -> None:
    played = recording('xe_symbol')
    expected = by_pymatgen(played)
    node = replay(played, expected.structures[0])
    assert [kind.symbol for kind in node.outputs.structure.kinds] == ['Xe']
    assert apart(node, expected.final_structure) < 1e-6
    misc = node.outputs.misc.get_dict()
    energy = misc['total_energies']['energy_extrapolated']
    assert energy == pytest.approx(expected.final_energy, abs=1e-7)
    # Without OUTCAR nobody says that it converged, and the energies do not.
    assert node.exit_status == 702
    assert 'the energy changed by -1.57e-04 eV in the last step, EDIFFG = 5e-05' in str(
        node.exit_message
    )


def test_an_old_version_is_refused_by_name(old_version: WorkChainNode) -> None:
    (node,) = called(old_version)
    assert node.exit_status == 710
    assert node.exit_message == (
        'VASP 4.6.28 is not supported: its files are read from version 5 on'
    )
    misc = node.outputs.misc.get_dict()
    assert misc['total_energies']['energy_extrapolated'] == pytest.approx(-179.5804, abs=1e-4)
    assert 'run_status' not in misc
    assert 'structure' not in node.outputs


def test_a_run_that_stopcar_stopped(replay: Replay, tmp_path: Path) -> None:
    played = recording('stopped_by_stopcar')
    path = tmp_path / 'OUTCAR'
    path.write_bytes(played.files['OUTCAR'])
    atoms = ase.io.read(path)
    expected = Structure(
        Lattice(atoms.cell[:]), atoms.symbols, atoms.positions, coords_are_cartesian=True
    )
    node = replay(played, expected)
    assert node.exit_status == 702
    assert node.exit_message == (
        'The ionic relaxation is not converged: stopped by STOPCAR (LSTOP = .TRUE.).'
    )
    misc = node.outputs.misc.get_dict()
    assert misc['total_energies']['energy_extrapolated'] == pytest.approx(-396.104188, abs=1e-7)
    assert misc['convergence']['largest_force'] == pytest.approx(0.49894, abs=1e-5)
    assert misc['run_status']['ionic_converged'] is False
    assert misc['file_problems'] == {'vasprun.xml': 'is missing', 'CONTCAR': 'is missing'}
    assert apart(node, expected) < 1e-6


def test_a_run_that_died_in_setup(died_in_setup: WorkChainNode) -> None:
    (node,) = called(died_in_setup)
    assert node.exit_status == 703
    assert node.exit_message == 'VASP calculation encountered a critical error: REAL_OPTLAY.'
    assert 'structure' not in node.outputs
    misc = node.outputs.misc.get_dict()
    assert 'total_energies' not in misc
    assert misc['run_status']['finished'] is False
    assert misc['file_problems']['CONTCAR'] == 'is empty'


def test_a_relaxation_that_was_cut_off_continues_and_converges(cut_off: WorkChainNode) -> None:
    assert cut_off.exit_status == 0
    first, second = called(cut_off)
    assert (first.exit_status, second.exit_status) == (700, 0)
    assert second.inputs.structure == first.outputs.structure
    energy = cut_off.outputs.misc['total_energies']['energy_extrapolated']
    assert energy == pytest.approx(-4.88410937, abs=1e-7)
    expected = by_pymatgen(recording('cut_off_then_converged', 1))
    assert apart(second, expected.final_structure) < 1e-6


def test_a_relaxation_that_died_in_setup_is_not_repeated(died_in_setup: WorkChainNode) -> None:
    assert [child.exit_status for child in died_in_setup.called] == [703]
    assert not died_in_setup.is_finished_ok


def test_a_relaxation_of_an_old_version_is_not_repeated(old_version: WorkChainNode) -> None:
    assert [child.exit_status for child in old_version.called] == [710]
    assert not old_version.is_finished_ok


@pytest.mark.parametrize(
    ('name', 'cost', 'steps'),
    [
        (
            'ir100_slab',
            {'seconds': 1239.001, 'cores': 32, 'electronic_steps': 103},
            11,
        ),
        (
            'si_spin_lorbit10',
            {'seconds': 2.864, 'cores': 1, 'electronic_steps': 38},
            5,
        ),
        (
            'si_static_projected',
            {'seconds': 5.694, 'cores': 1, 'electronic_steps': 13},
            1,
        ),
    ],
)
def test_the_cost_in_misc(calculation: Replay, name: str, cost: dict[str, Any], steps: int) -> None:
    misc = calculation(name, 0).outputs.misc.get_dict()
    assert (misc['cost'], ionic_steps(misc)) == (cost, steps)


def test_each_calculation_of_a_relaxation_counts_and_what_was_cut_off_is_unknown(
    cut_off: WorkChainNode,
) -> None:
    cost = cost_of(cut_off)
    assert cost.calculations == 2
    assert cost.core_hours == Amount(pytest.approx(83.383 * 2 / 3600), unknown=1)
    assert (cost.ionic_steps, cost.electronic_steps) == (Amount(2 + 4), Amount(23 + 39))
    assert cost.describe() == (
        'at least 0.046 core-hours, 6 ionic and 62 electronic steps in 2 calculations; not all is '
        'known of 1 of them'
    )


def test_what_died_before_its_first_step_is_unknown(died_in_setup: WorkChainNode) -> None:
    unknown = Amount(unknown=1)
    cost = cost_of(died_in_setup)
    assert cost == Cost(1, unknown, unknown, unknown)
    assert cost.describe() == 'nothing is known of 1 calculation'
