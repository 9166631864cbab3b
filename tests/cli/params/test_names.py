"""What the shell completes, as bash, zsh and fish ask for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import pytest
from aiida.orm import Group, InstalledCode
from click.shell_completion import BashComplete, FishComplete, ShellComplete, ZshComplete

from aiida_slabrelax.cli import cli
from aiida_slabrelax.cli.params.names import GroupName

SHELLS = [BashComplete, ZshComplete, FishComplete]


def complete(
    words: list[str], incomplete: str, shell: type[ShellComplete] = BashComplete
) -> list[str]:
    program = shell(cli, {}, 'aiida-slabrelax', '_AIIDA_SLABRELAX_COMPLETE')
    return [item.value for item in program.get_completions(words, incomplete)]


@pytest.mark.parametrize('words', [['launch'], ['doctor', '--code'], ['energies', '--code']])
def test_codes_of_vasp(words: list[str], vasp_code: InstalledCode) -> None:
    other = InstalledCode(
        label='vasp-not-at-all',
        computer=vasp_code.computer,
        filepath_executable='/bin/true',
        default_calc_job_plugin='core.arithmetic.add',
    ).store()
    found = complete(words, 'vasp-')
    assert vasp_code.full_label in found
    assert other.full_label not in found


def test_hidden_codes_are_not_offered(vasp_code: InstalledCode) -> None:
    code = InstalledCode(
        label='vasp-old',
        computer=vasp_code.computer,
        filepath_executable='/bin/true',
        default_calc_job_plugin='vasp.vasp',
    ).store()
    assert code.full_label in complete(['launch'], 'vasp-o')
    code.is_hidden = True
    assert complete(['launch'], 'vasp-o') == []


@pytest.mark.parametrize('command', ['launch', 'doctor', 'energies', 'converge'])
def test_families(command: str, potential_family: str) -> None:
    assert complete([command, '--family'], potential_family[:3]) == [potential_family]


def test_groups_of_users(aiida_profile: Any) -> None:
    Group(label='oxides').store()
    context = click.Context(click.Command('x'))
    items = GroupName().shell_complete(context, click.Option(['--group']), 'ox')
    assert [item.value for item in items] == ['oxides']
    assert GroupName().shell_complete(context, click.Option(['--group']), 'standi') == []


@pytest.mark.parametrize('command', ['launch', 'show', 'retry', 'report'])
def test_groups_are_offered_by_commands(command: str, aiida_profile: Any) -> None:
    Group.collection.get_or_create(label='nitrides')
    Group.collection.get_or_create(label='window/nitrides')
    assert complete([command, '--group'], 'nit') == ['nitrides']
    assert complete([command, '--group'], 'window') == []


def test_files_protocols_and_profiles(aiida_profile: Any) -> None:
    assert complete(['launch', '--protocol'], 'st') == ['stringent']
    program = BashComplete(cli, {}, 'aiida-slabrelax', '_X')
    (item,) = program.get_completions(['launch', 'code'], 'Cu')
    assert item.type == 'file'


@pytest.mark.parametrize('words', [['launch'], ['launch', '--family']])
def test_without_a_profile_nothing_is_offered_and_nothing_made(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr('aiida_slabrelax.cli.params.names.find_configuration', lambda: None)
    assert complete(words, '') == []


def test_a_profile_that_cannot_be_read_says_nothing(
    capsys: pytest.CaptureFixture[str], aiida_profile: Any
) -> None:
    assert complete(['launch', '--profile', 'nobody', '--family'], '') == []
    assert capsys.readouterr() == ('', '')


@pytest.mark.parametrize('shell', SHELLS)
def test_scripts_for_all_shells(shell: type[ShellComplete], potential_family: str) -> None:
    program = shell(cli, {}, 'aiida-slabrelax', '_AIIDA_SLABRELAX_COMPLETE')
    assert '_AIIDA_SLABRELAX_COMPLETE' in program.source_vars().values()
    assert f'_AIIDA_SLABRELAX_COMPLETE={shell.name}_complete' in (
        program.source_template % program.source_vars()
    )
    assert complete(['launch', '--family'], 'stan', shell) == [potential_family]
