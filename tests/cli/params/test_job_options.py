"""The options of the calculations."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from aiida_slabrelax.cli.params.job_options import collect_options


def test_one_machine_unless_asked_otherwise() -> None:
    assert collect_options(None, queue_name=None) == {'resources': {'num_machines': 1}}


def test_options_replace_those_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / 'options.yaml'
    path.write_text('resources: {num_machines: 2, tot_num_mpiprocs: 8}\nqueue_name: long\n')
    assert collect_options(str(path), num_machines=4, account='me', queue_name=None) == {
        'resources': {'num_machines': 4, 'tot_num_mpiprocs': 8},
        'queue_name': 'long',
        'account': 'me',
    }


def test_resources_that_are_no_mapping(tmp_path: Path) -> None:
    path = tmp_path / 'odd.yaml'
    path.write_text('resources: 4')
    with pytest.raises(click.ClickException, match='resources must be a mapping, not 4'):
        collect_options(str(path))


def test_resources_in_a_file_need_no_number_of_machines(tmp_path: Path) -> None:
    path = tmp_path / 'options.yaml'
    path.write_text('resources: {parallel_env: mpi, tot_num_mpiprocs: 8}\n')
    assert collect_options(str(path)) == {
        'resources': {'parallel_env': 'mpi', 'tot_num_mpiprocs': 8}
    }
