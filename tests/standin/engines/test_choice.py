"""The choice of an engine by environment variables."""

from __future__ import annotations

import pytest

from aiida_slabrelax.standin.engines.choice import LONGEST_ARGUMENTS, Engine, choose_engine
from aiida_slabrelax.standin.errors import InputError

PATH = {'VASP_STANDIN_CALCULATOR': 'ase_calculators:lennard_jones'}


def test_a_calculator_by_its_import_path() -> None:
    environ = {**PATH, 'VASP_STANDIN_ARGUMENTS': '{"epsilon": 0.4}'}
    engine = choose_engine('ase', environ)
    assert engine == Engine('ase', 'ase_calculators:lennard_jones', {'epsilon': 0.4})
    assert engine.name == 'ase_calculators:lennard_jones {"epsilon": 0.4}'


def test_the_name_has_the_version_of_the_package() -> None:
    from ase import __version__

    engine = choose_engine('ase', {'VASP_STANDIN_CALCULATOR': 'ase.calculators.emt:EMT'})
    assert engine.name == f'ase.calculators.emt:EMT (ase {__version__})'


def test_long_arguments_are_cut_and_told_apart() -> None:
    names = {Engine('ase', 'a:b', {'path': 'x' * 500 + end}).name for end in 'yz'}
    assert len(names) == 2
    assert max(map(len, names)) == len('a:b ') + LONGEST_ARGUMENTS


def test_arguments_of_a_short_cut_are_laid_over_its_own() -> None:
    environ = {'VASP_STANDIN_ARGUMENTS': '{"model": "7net-l3i5", "device": "cpu"}'}
    engine = choose_engine('sevennet', environ)
    assert engine.path == 'sevenn.calculator:SevenNetCalculator'
    assert engine.arguments == {'model': '7net-l3i5', 'device': 'cpu'}
    assert choose_engine('sevennet', {}).arguments == {'model': '7net-0'}
    assert choose_engine('chgnet', {}).arguments == {}


@pytest.mark.parametrize(
    ('model', 'environ', 'message'),
    [
        ('ase', {}, "VASP_STANDIN_CALCULATOR: .* got ''"),
        ('ase', {'VASP_STANDIN_CALCULATOR': 'os.system'}, "got 'os.system'"),
        ('ase', {'VASP_STANDIN_CALCULATOR': 'a b:c'}, "got 'a b:c'"),
        ('ase', {**PATH, 'VASP_STANDIN_ARGUMENTS': '{epsilon}'}, 'VASP_STANDIN_ARGUMENTS: Expect'),
        ('ase', {**PATH, 'VASP_STANDIN_ARGUMENTS': '[1]'}, r'an object such as .* got \[1\]'),
        ('chgnet', PATH, 'goes with the model ase, not with chgnet'),
        ('chgnet', {'OMPI_COMM_WORLD_SIZE': '4'}, 'OMPI_COMM_WORLD_SIZE = 4: .* one process'),
        ('chgnet', {'SLURM_STEP_NUM_TASKS': '32'}, 'SLURM_STEP_NUM_TASKS = 32'),
    ],
)
def test_refused(model: str, environ: dict[str, str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        choose_engine(model, environ)
