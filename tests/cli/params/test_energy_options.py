"""The options of the commands for surface energies."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from aiida_slabrelax.cli import cli
from aiida_slabrelax.cli.params.energy_options import join_numbers


@pytest.mark.parametrize(
    ('args', 'joined'),
    [
        (['a', '--thickness', '8', '12.5', '1e1'], ['a', '--thickness=8,12.5,1e1']),
        (['--thickness', '8', '--wait'], ['--thickness=8', '--wait']),
        (['--thickness', '8', '9', 'Cu.cif'], ['--thickness=8,9', 'Cu.cif']),
        (['--thickness=8 9', 'Cu.cif'], ['--thickness=8 9', 'Cu.cif']),
        (['--thickness'], ['--thickness']),
        (['Cu.cif'], ['Cu.cif']),
    ],
)
def test_numbers_are_joined(args: list[str], joined: list[str]) -> None:
    assert join_numbers(args) == joined


@pytest.mark.parametrize(
    ('command', 'message'),
    [
        ('converge Cu.cif --thickness 8 12', '--miller is missing: which surface?'),
        ('converge Cu.cif --miller 1 0 0', '--thickness is missing: give at least two, in Å'),
        ('converge Cu.cif --miller 1 0 0 --thickness=8,x', "numbers (Å) are needed, got '8 x'"),
        ('converge Cu.cif --miller 1 0 0 --miller 1 1 0', '`converge` takes one surface'),
        ('energies Cu.cif', 'give either --miller (several times for several surfaces) or'),
        ('energies Cu.cif --miller 1 0 0 --reference Cu', "ELEMENT=STRUCTURE is needed, got 'Cu'"),
        ('energies Cu.cif --miller 1 0 0 -p x', '--profile: give --code too'),
        ('energies Cu.cif --miller 1 0 0 --wait', '--wait: give --code too'),
        ('energies Cu.cif --miller 1 0 0 --queue-name long', '--queue-name: give --code too'),
        (
            'converge Cu.cif --miller 1 0 0 --thickness 8 9 --account a',
            '--account: give --code too',
        ),
        ('energies Cu.cif --miller 1 0 0 --code a@b --model emt', '--model is for the stand-in'),
        ('energies Cu.cif --miller 1 0 0 --overrides no.yaml', 'no.yaml cannot be read'),
    ],
)
def test_mistakes_are_reported_in_one_line(command: str, message: str) -> None:
    result = CliRunner().invoke(cli, command.split())
    assert result.exit_code == 2
    assert message in result.output
    assert result.output.count('\n') == 1
