from pathlib import Path

import pytest

from aiida_slabrelax.standin.__main__ import main
from aiida_slabrelax.standin.failures import FAILURES
from aiida_slabrelax.standin.inputs.incar import OBEYED
from aiida_slabrelax.standin.models import MODELS


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
        main(['--model', 'emt'])
    assert end.value.code == 2
    assert 'usage: vasp-standin' in capsys.readouterr().err
