"""The indices after --miller; what the shell completes."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from aiida_slabrelax.cli import cli
from aiida_slabrelax.cli.params import options
from aiida_slabrelax.cli.params.options import join_miller_indices
from aiida_slabrelax.cli.params.slab_options import slab_option

INDICES = st.integers(-20, 20)


@click.command(cls=options.MillerCommand)
@click.argument('words', nargs=-1)
@click.option('--wait', is_flag=True)
@options.miller()
def echo(words: tuple[str, ...], wait: bool, miller: tuple[int, ...]) -> None:
    """Print what was understood."""
    click.echo(repr((words, wait, miller)))


@click.command(cls=options.MillerCommand)
@click.argument('words', nargs=-1)
@options.miller(multiple=True)
@slab_option('symmetrize')
def echo_several(
    words: tuple[str, ...], miller: tuple[tuple[int, ...], ...], symmetrize: bool | str | None
) -> None:
    """Print what was understood."""
    click.echo(repr((words, miller, symmetrize)))


def understood(*arguments: str, command: click.Command = echo) -> str:
    result = CliRunner().invoke(command, list(arguments))
    return result.stdout.strip() or result.stderr.strip()


@given(st.tuples(INDICES, INDICES, INDICES), st.sampled_from(['end', 'option', 'argument']))
def test_any_three_integers_in_any_place(indices: tuple[int, ...], followed_by: str) -> None:
    words = ['--miller', *map(str, indices)]
    if followed_by == 'option':
        assert understood(*words, '--wait') == repr(((), True, indices))
    elif followed_by == 'argument':
        assert understood(*words, 'Cu.cif') == repr((('Cu.cif',), False, indices))
    else:
        assert understood('Cu.cif', *words) == repr((('Cu.cif',), False, indices))


@given(INDICES, INDICES, INDICES)
def test_four_integers_if_the_first_three_add_up_to_zero(h: int, k: int, l: int) -> None:
    indices = (h, k, -h - k, l)
    assert understood('--miller', *map(str, indices), '--wait') == repr(((), True, indices))


def test_a_pk_after_three_indices_is_an_argument() -> None:
    assert understood('--miller', '1', '0', '0', '123', '45') == repr(
        (('123', '45'), False, (1, 0, 0))
    )


@click.command(cls=options.MillerCommand)
@click.argument('word')
@options.miller()
def echo_one(word: str, miller: tuple[int, ...]) -> None:
    """Take one argument, as `preview` does."""
    click.echo(repr((word, miller)))


@pytest.mark.parametrize('place', ['before', 'behind'])
def test_a_fourth_index_that_does_not_match_is_reported(place: str) -> None:
    words = ['--miller', '1', '0', '1', '4']
    words = ['Cu.cif', *words] if place == 'before' else [*words, 'Cu.cif']
    assert understood(*words, command=echo_one) == (
        'Error: --miller: In four indices (hkil) h + k + i must be 0; in [1, 0, 1, 4] it is 2.'
    )


def test_of_other_arguments_too_many_click_tells() -> None:
    words = ('Cu.cif', '--miller', '1', '0', '0', 'Ag.cif')
    assert 'unexpected extra argument (Ag.cif)' in understood(*words, command=echo_one)
    assert understood('--miller', '1', '0', '0', '12', command=echo_one) == repr(('12', (1, 0, 0)))


@pytest.mark.parametrize(
    'words', [['--miller', '1,-1,0'], ['--miller=1,-1,0'], ['--miller', '1 -1 0']]
)
def test_indices_in_one_word(words: list[str]) -> None:
    assert understood(*words, '12', '--wait') == repr((('12',), True, (1, -1, 0)))


@pytest.mark.parametrize(
    ('words', 'shown'),
    [(['1', '0.5', '0'], '1 0.5 0'), (['1', 'x', '0'], '1 x 0'), (['1.0,0,0'], '1.0 0 0')],
)
def test_other_values_than_integers_are_refused_in_one_line(words: list[str], shown: str) -> None:
    assert understood('--miller', *words) == (
        f'Error: --miller: three (hkl) or four (hkil) integers are needed, got {shown!r}'
    )


def test_arguments_without_the_option_are_not_changed() -> None:
    assert join_miller_indices(['show', '12', '-1']) == ['show', '12', '-1']


SURFACES = st.lists(
    st.one_of(
        st.tuples(INDICES, INDICES, INDICES),
        st.builds(lambda h, k, l: (h, k, -h - k, l), INDICES, INDICES, INDICES),
    ),
    min_size=1,
    max_size=4,
)


@given(SURFACES, st.booleans())
def test_several_surfaces(surfaces: list[tuple[int, ...]], joined: bool) -> None:
    words = []
    for indices in surfaces:
        written = list(map(str, indices))
        words += ['--miller', *([','.join(written)] if joined else written)]
    assert understood('Cu.cif', *words, command=echo_several) == repr(
        (('Cu.cif',), tuple(surfaces), None)
    )


def test_a_second_surface_is_refused_by_a_command_that_takes_one() -> None:
    words = ('--miller', '1', '0', '0', '--miller', '1', '1', '0')
    assert understood(*words) == 'Error: --miller: `echo` takes one surface'


@pytest.mark.parametrize(
    ('flags', 'value'),
    [
        ((), None),
        (('--symmetrize',), True),
        (('--no-symmetrize',), False),
        (('--symmetrize-if-possible',), 'if_possible'),
        (('--no-symmetrize', '--symmetrize'), True),
    ],
)
def test_symmetric_slabs_or_not(flags: tuple[str, ...], value: bool | str | None) -> None:
    assert understood(*flags, command=echo_several) == repr(((), (), value))


def completions(name: str, parameter: str, incomplete: str = '') -> list[tuple[str, str]]:
    command = cli.commands[name]
    option = next(one for one in command.params if one.name == parameter)
    found = option.shell_complete(click.Context(command), incomplete)
    return [(item.type, item.value) for item in found]


@pytest.mark.parametrize(
    ('name', 'parameter'),
    [
        *((name, 'structure') for name in ('preview', 'export', 'energies', 'converge', 'demo')),
        ('launch', 'structures'),
        ('launch', 'table'),
    ],
)
def test_structures_are_completed_as_files(name: str, parameter: str) -> None:
    assert completions(name, parameter, 'Ag') == [('file', 'Ag')]


def test_profiles_are_completed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv('AIIDA_PATH', str(tmp_path))
    assert completions('show', 'profile') == []
    (tmp_path / '.aiida').mkdir()
    (tmp_path / '.aiida' / 'config.json').write_text('{"profiles": {"work": {}, "test": {}}}')
    assert completions('show', 'profile') == [('plain', 'test'), ('plain', 'work')]
    assert completions('show', 'profile', 'w') == [('plain', 'work')]
