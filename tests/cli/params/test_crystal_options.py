"""The options that say how the file of a crystal is read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import ase.io
import pytest
from ase.build import bulk
from click.testing import Result

from aiida_slabrelax.cli import cli
from aiida_slabrelax.cli.params.crystal_options import join_elements

VASP_4 = 'crystal\n1.0\n4.12 0 0\n0 4.12 0\n0 0 4.12\n1 1\nDirect\n0 0 0\n0.5 0.5 0.5\n'


@pytest.fixture
def vasp_4(tmp_path: Path) -> Path:
    path = tmp_path / 'POSCAR'
    path.write_text(VASP_4)
    return path


@pytest.mark.parametrize(
    ('given', 'joined'),
    [
        (['--elements', 'Ti', 'O', '--miller', '1'], ['--elements=Ti,O', '--miller', '1']),
        (['--elements', 'Ti,O'], ['--elements', 'Ti,O']),
        (['--elements=Ti,O', 'POSCAR'], ['--elements=Ti,O', 'POSCAR']),
        (['--elements', 'Ti', 'POSCAR'], ['--elements=Ti', 'POSCAR']),
    ],
)
def test_symbols_are_joined(given: list[str], joined: list[str]) -> None:
    assert join_elements(given) == joined


@pytest.mark.parametrize('command', ['preview', 'export'])
def test_each_command_asks_for_elements(
    invoke: Callable[..., Result], vasp_4: Path, command: str
) -> None:
    result = invoke(command, vasp_4, '--miller', 1, 0, 0)
    assert result.exit_code == 2
    assert 'the format of VASP 4' in result.stderr
    assert '--elements Ti O' in result.stderr


@pytest.mark.parametrize(
    'command', ['preview', 'export', 'launch', 'energies', 'converge', 'demo', 'doctor']
)
def test_each_command_has_the_options(command: str) -> None:
    options = {option for param in cli.commands[command].params for option in param.opts}
    assert {'--elements', '--index', '--read-anyway'} <= options


def test_elements_are_given(invoke: Callable[..., Result], vasp_4: Path) -> None:
    result = invoke('preview', vasp_4, '--elements', 'Cs', 'Cl', '--miller', 1, 1, 0)
    assert (result.exit_code, 'Cl' in result.stdout) == (0, True)
    result = invoke('preview', vasp_4, '--elements', 'Cs', '--miller', 1, 1, 0)
    assert (result.exit_code, 'needs 2' in result.stderr) == (2, True)
    result = invoke('preview', vasp_4, '--elements', 'cs', '--miller', 1, 1, 0)
    assert result.stderr == "Error: --elements: symbols such as Ti O are needed, got 'cs'\n"


def test_options_of_files_are_refused_for_nodes(invoke: Callable[..., Result]) -> None:
    result = invoke('preview', '12', '--elements', 'Cs', '--miller', 1, 1, 0)
    assert result.stderr == 'Error: --elements: 12 is no file\n'


def test_one_of_several(invoke: Callable[..., Result], tmp_path: Path) -> None:
    path = tmp_path / 'metals.xyz'
    ase.io.write(path, [bulk('Cu', cubic=True), bulk('Ag', cubic=True)])
    result = invoke('preview', path, '--miller', 1, 0, 0)
    assert '--index 0 takes the first, --index -1 the last' in result.stderr
    result = invoke('preview', path, '--index', -1, '--miller', 1, 0, 0)
    assert (result.exit_code, 'Ag' in result.stdout) == (0, True)


def test_a_doubtful_file_is_read_on_request_with_a_remark(
    invoke: Callable[..., Result], tmp_path: Path
) -> None:
    path = tmp_path / 'CsCl.cif'
    text = (
        "data_x\n_chemical_formula_sum 'Cs Cl H'\n_cell_length_a 4.12\n_cell_length_b 4.12\n"
        '_cell_length_c 4.12\n_cell_angle_alpha 90\n_cell_angle_beta 90\n_cell_angle_gamma 90\n'
        "_symmetry_space_group_name_H-M 'P 1'\nloop_\n_atom_site_label\n_atom_site_fract_x\n"
        '_atom_site_fract_y\n_atom_site_fract_z\nCs1 0 0 0\nCl1 .5 .5 .5\n'
    )
    path.write_text(text)
    refused = invoke('preview', path, '--miller', 1, 1, 0)
    assert refused.exit_code == 2
    assert refused.stderr.endswith(
        'H is missing, nothing is too many. If it is right as it is read, give --read-anyway\n'
    )
    taken = invoke('preview', path, '--read-anyway', '--miller', 1, 1, 0)
    assert taken.exit_code == 0
    assert 'H is missing' in taken.stderr
