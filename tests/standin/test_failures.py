import threading
from pathlib import Path

import pytest
from pymatgen.core import Composition

from aiida_slabrelax.standin.errors import InputError
from aiida_slabrelax.standin.failures import Failure, choose_failure, names_of, read_rules

NAMES = names_of('# Compound: NiO. Old comment: slab_01', ['Ni', 'O'])


def failure(rules: str, state: Path | None = None) -> str:
    environ = {'VASP_STANDIN_FAIL': rules}
    if state is not None:
        environ['VASP_STANDIN_STATE'] = str(state)
    return choose_failure(environ, NAMES, ibrion=1).name


def test_names_are_comment_and_formulas() -> None:
    symbols = ['O'] * 16 + ['Ag'] * 10 + ['P'] * 3
    assert names_of('# slab_00 ', symbols)[0] == 'slab_00'
    formula = Composition('Ag10P3O16').formula.replace(' ', '')
    assert formula == 'Ag10P3O16'
    assert {formula, 'Ag10O16P3'} <= set(names_of('', symbols))
    assert {'Ni1O1', 'NiO'} <= set(NAMES)


@pytest.mark.parametrize(
    ('rules', 'expected'),
    [
        ('', ''),
        ('electronic', 'electronic'),
        (' crash ; ', 'crash'),
        ('ionic@*slab_01', 'ionic'),
        ('ionic@slab_01', ''),
        ('ionic@*slab_02', ''),
        ('ionic@NiO', 'ionic'),
        ('ionic@Ni1O1', 'ionic'),
        ('ionic@N?O', 'ionic'),
        ('ionic@nio', ''),
        ('crash@CuO;ionic@NiO;electronic', 'ionic'),
        ('slow=3;no-vasprun', 'no-vasprun'),
    ],
)
def test_first_rule_that_applies_decides(rules: str, expected: str) -> None:
    assert failure(rules) == expected


def test_slow_comes_on_top() -> None:
    chosen = choose_failure({'VASP_STANDIN_FAIL': 'slow=1.5;killed=7;slow=1'}, NAMES, 1)
    assert chosen == Failure('killed', 7, 2.5)


def test_killed_in_the_second_step_by_default() -> None:
    assert choose_failure({'VASP_STANDIN_FAIL': 'killed'}, NAMES, 1).step == 2


@pytest.mark.parametrize(('ibrion', 'expected'), [(1, 'ionic'), (2, 'zbrent')])
def test_the_line_search_fails_where_there_is_one(ibrion: int, expected: str) -> None:
    rules = {'VASP_STANDIN_FAIL': 'zbrent;ionic'}
    assert choose_failure(rules, NAMES, ibrion).name == expected


def test_only_so_many_runs_fail(tmp_path: Path) -> None:
    state = tmp_path / 'state'
    assert [failure('ionic#2', state) for _ in range(4)] == ['ionic', 'ionic', '', '']


def test_runs_that_do_not_match_are_not_counted(tmp_path: Path) -> None:
    assert failure('ionic@CuO#1', tmp_path) == ''
    assert list(tmp_path.iterdir()) == []


def test_rules_are_counted_apart(tmp_path: Path) -> None:
    rules = 'ionic@*#1;crash@Ni?#1;electronic#1'
    chosen = [failure(rules, tmp_path) for _ in range(4)]
    assert chosen == ['ionic', 'crash', 'electronic', '']


def test_parallel_runs_are_counted_once_each(tmp_path: Path) -> None:
    chosen = []
    threads = [
        threading.Thread(target=lambda: chosen.append(failure('ionic#5', tmp_path)))
        for _ in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(chosen) == [''] * 15 + ['ionic'] * 5


@pytest.mark.parametrize(
    'rules',
    [
        'explode',
        'ionic@',
        'ionic#',
        'ionic#x',
        'ionic#0',
        'ionic#1@NiO',
        'ionic=3',
        'slow',
        'slow=x',
        'slow=1.2.3',
        'killed=0',
        'killed=1.5',
        '@NiO',
    ],
)
def test_rules_that_cannot_be_understood(rules: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match='VASP_STANDIN_FAIL'):
        failure(rules, tmp_path)


def test_count_needs_a_folder() -> None:
    with pytest.raises(InputError, match='needs VASP_STANDIN_STATE'):
        failure('ionic#1')


def test_rule_keeps_its_text() -> None:
    assert read_rules('ionic@Ni*#3')[0]._asdict() == {
        'text': 'ionic@Ni*#3',
        'failure': 'ionic',
        'value': 0.0,
        'pattern': 'Ni*',
        'limit': 3,
    }
