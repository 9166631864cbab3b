"""The exit code of a calculation that did not end well, from the files of the stand-in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from aiida.engine import ExitCode
from aiida.manage import get_manager
from aiida.orm import Computer
from ase.io import write

from aiida_slabrelax.parsers.vasp import SlabVaspParser
from aiida_slabrelax.standin.inputs.potcar import synthetic_potcar
from aiida_slabrelax.standin.messages import MESSAGES
from aiida_slabrelax.standin.run import run
from failed_relaxations import fail_calculation
from sample_structures import copper_slab

Parse = Callable[..., ExitCode | None]

IN_SETUP = [name for name, message in MESSAGES.items() if message.in_setup]
IN_STEP = [name for name in MESSAGES if name not in IN_SETUP]
INCAR = {'ibrion': 2, 'nsw': 30, 'ediffg': -0.001}


@pytest.fixture
def parse(tmp_path: Path, localhost: Computer, capfd: pytest.CaptureFixture[str]) -> Parse:
    """Return a function that lets the stand-in fail, and returns the parser's exit code."""

    def make(failure: str, model: str = 'emt', stderr: str = '') -> ExitCode | None:
        slab = copper_slab(3)
        write(tmp_path / 'POSCAR', slab.get_ase(), format='vasp')
        (tmp_path / 'POTCAR').write_text(synthetic_potcar('Cu'))
        (tmp_path / 'KPOINTS').write_text('A mesh\n0\nGamma\n 2 2 1\n 0 0 0\n')
        (tmp_path / 'INCAR').write_text(''.join(f'{tag} = {INCAR[tag]}\n' for tag in INCAR))
        capfd.readouterr()
        run(tmp_path, {'VASP_STANDIN_MODEL': model, 'VASP_STANDIN_FAIL': failure})
        names = ('vasprun.xml', 'OUTCAR', 'CONTCAR')
        files = {name: (tmp_path / name).read_text() for name in names}
        files |= {'vasp_output': capfd.readouterr().out, '_scheduler-stderr.txt': stderr}
        with get_manager().get_profile_storage().transaction():
            node = fail_calculation(None, localhost, slab, files, INCAR)
        code: ExitCode | None = SlabVaspParser(node).parse()
        return code

    return make


@pytest.mark.parametrize('message', IN_SETUP)
def test_what_died_in_setup_is_not_repeated(parse: Parse, message: str) -> None:
    code = parse(message)
    assert code is not None
    assert code.status != 700  # the only one that is


@pytest.mark.parametrize('message', [name for name in IN_STEP if name != 'walltime'])
def test_what_would_end_the_same_way_is_a_critical_error(parse: Parse, message: str) -> None:
    code = parse(message)
    assert code is not None
    assert code.status == 703


def test_the_error_is_named(parse: Parse) -> None:
    code = parse('zbrent')
    assert code is not None
    assert code.message == 'VASP calculation encountered a critical error: ZBRENT.'


def test_what_got_on_and_ran_out_of_time_may_be_repeated(parse: Parse) -> None:
    code = parse('walltime')
    assert code is not None
    assert code.status == 700


def test_what_did_not_get_on_is_not_repeated(parse: Parse) -> None:
    code = parse('walltime=1', model='instant')
    assert code is not None
    assert code.status == 703


def test_a_warning_does_not_fail_what_has_converged(parse: Parse) -> None:
    assert parse('warned') is None
