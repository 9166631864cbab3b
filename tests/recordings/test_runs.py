"""What the parser makes of runs that VASP itself wrote."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ase.io
import numpy as np
import pytest
from aiida.orm import CalcJobNode, WorkChainNode
from pymatgen.core import Lattice, Structure
from pymatgen.io.vasp.outputs import Vasprun

from replay_vasp import Recording, needs_recordings, poscar, recording

pytestmark = needs_recordings

Replay = Callable[..., CalcJobNode]


def by_pymatgen(played: Recording, folder: Path) -> Vasprun:
    path = folder / 'vasprun.xml'
    path.write_bytes(played.files['vasprun.xml'])
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        return Vasprun(
            path,
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
    ('name', 'number', 'incar', 'status', 'energy'),
    [
        ('ir100_slab', 0, {}, 0, -31.64703257),
        ('si_spin_lorbit10', 0, {}, 0, None),
        ('si_spin_lorbit10', 1, {'nsw': 0, 'ibrion': -1}, 0, None),
        ('si_static_projected', 0, {'nsw': 0, 'ibrion': -1}, 0, None),
        ('nelm_reached', 0, {'nsw': -1}, 701, None),
        ('brmix_converged', 0, {'nsw': -1}, 0, None),
        ('cut_off_then_converged', 0, {}, 700, None),
        ('cut_off_then_converged', 1, {}, 0, -4.88410937),
    ],
)
def test_energies_and_structures(
    replay: Replay,
    tmp_path: Path,
    name: str,
    number: int,
    incar: dict[str, Any],
    status: int,
    energy: float | None,
) -> None:
    played = recording(name, number)
    expected = by_pymatgen(played, tmp_path)
    node = replay(played, expected.structures[0], incar, {'omit_structure': False})
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


def test_a_symbol_that_vasp_cut_short(replay: Replay, tmp_path: Path) -> None:
    played = recording('xe_symbol')
    expected = by_pymatgen(played, tmp_path)
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


def test_an_old_version_is_refused_by_name(replay: Replay, tmp_path: Path) -> None:
    played = recording('vasp46')
    node = replay(played, by_pymatgen(played, tmp_path).structures[0])
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


def test_a_run_that_died_in_setup(replay: Replay) -> None:
    played = recording('died_in_setup')
    node = replay(played, poscar(played.files['POSCAR']))
    assert node.exit_status == 703
    assert node.exit_message == 'VASP calculation encountered a critical error: REAL_OPTLAY.'
    assert 'structure' not in node.outputs
    misc = node.outputs.misc.get_dict()
    assert 'total_energies' not in misc
    assert misc['run_status']['finished'] is False
    assert misc['file_problems']['CONTCAR'] == 'is empty'


def test_a_relaxation_that_was_cut_off_continues_and_converges(
    replay_relaxation: Callable[..., WorkChainNode], tmp_path: Path
) -> None:
    cut, converged = (recording('cut_off_then_converged', number) for number in (0, 1))
    expected = by_pymatgen(converged, tmp_path)
    incar = {'ibrion': 1, 'isif': 3, 'nsw': 20, 'ediffg': 1e-8}
    node = replay_relaxation([cut, converged], expected.structures[0], incar)
    assert node.exit_status == 0
    first, second = sorted(node.called, key=lambda child: child.pk or 0)
    assert (first.exit_status, second.exit_status) == (700, 0)
    assert second.inputs.structure == first.outputs.structure
    energy = node.outputs.misc['total_energies']['energy_extrapolated']
    assert energy == pytest.approx(-4.88410937, abs=1e-7)
    assert apart(second, expected.final_structure) < 1e-6


def test_a_relaxation_that_died_in_setup_is_not_repeated(
    replay_relaxation: Callable[..., WorkChainNode],
) -> None:
    played = recording('died_in_setup')
    incar = {'ibrion': 3, 'isif': 3, 'nsw': 100, 'ediffg': -0.002}
    node = replay_relaxation([played], poscar(played.files['POSCAR']), incar)
    assert [child.exit_status for child in node.called] == [703]
    assert not node.is_finished_ok


def test_a_relaxation_of_an_old_version_is_not_repeated(
    replay_relaxation: Callable[..., WorkChainNode], tmp_path: Path
) -> None:
    played = recording('vasp46')
    structure = by_pymatgen(played, tmp_path).structures[0]
    node = replay_relaxation([played], structure, {'ibrion': 1, 'nsw': 10})
    assert [child.exit_status for child in node.called] == [710]
    assert not node.is_finished_ok
