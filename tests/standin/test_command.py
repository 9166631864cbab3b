from pathlib import Path

import pytest

from aiida_slabrelax.standin.__main__ import main
from aiida_slabrelax.standin.failures import FAILURES
from aiida_slabrelax.standin.inputs.incar import OBEYED
from aiida_slabrelax.standin.models import MODELS
from vasp_job import Job, rattled_slab


def test_help_explains_models_failures_and_tags(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(['--help'])
    assert end.value.code == 0
    text = capsys.readouterr().out
    words = {*MODELS, *FAILURES, *OBEYED, 'potcars', 'VASP_STANDIN_MODEL', 'VASP_STANDIN_FAIL'}
    assert {word for word in words if word not in text} == set()


def test_potcars(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(['potcars', str(tmp_path), 'Ag', 'Ca_sv']) == 0
    assert '2 synthetic POTCAR files' in capsys.readouterr().out
    assert sorted(path.name for path in tmp_path.iterdir()) == ['Ag', 'Ca_sv']


def test_potcars_of_no_element(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(['potcars', str(tmp_path), 'Qq']) == 1
    assert "'Qq' is neither an element" in capsys.readouterr().err


def test_unknown_argument(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(['--potential', 'emt'])
    assert end.value.code == 2
    assert 'usage: vasp-standin' in capsys.readouterr().err


def test_options_choose_the_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Job(tmp_path).write(rattled_slab())
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv('VASP_STANDIN_MODEL', 'instant')
    calculator = ['--calculator', 'ase_calculators:lennard_jones']
    assert main(['--model', 'ase', *calculator, '--arguments', '{"epsilon": 0.5}']) == 0
    printed = capsys.readouterr().out
    assert ' model: ase_calculators:lennard_jones {"epsilon": 0.5}' in printed
