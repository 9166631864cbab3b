"""Options and settings of calculations stay what they are in scripts and folders."""

from __future__ import annotations

from typing import Any

import pytest
from aiida.orm import Dict

from aiida_slabrelax.workflows.vasp.job_checks import check_job


def with_options(**options: Any) -> dict[str, Any]:
    return {'calc': {'metadata': {'options': options}}}


@pytest.mark.parametrize(
    'value', ['long\nrm -rf $HOME', 'long\r', 'long short', ' long', 'long\x1b[2J', 'long\u2028']
)
@pytest.mark.parametrize('name', ['queue_name', 'account', 'qos', 'priority', 'parser_name'])
def test_values_on_a_line_of_the_script(name: str, value: str) -> None:
    message = f'must not have blanks or line breaks, got {value!r}'
    place = f'`calc.metadata.options.{name}`'
    assert check_job(with_options(**{name: value})) == f'{place} {message}'
    assert check_job({'options': Dict({name: value})}) == f'`options.{name}` {message}'


@pytest.mark.parametrize(
    'value', ['../stdout', '/tmp/stdout', 'a/b', '..', '.', '', ' ', 'a\nb', '-rf', 3]
)
@pytest.mark.parametrize('name', ['scheduler_stdout', 'submit_script_filename', 'output_filename'])
def test_names_of_files(name: str, value: Any) -> None:
    assert check_job(with_options(**{name: value})) == (
        f'`calc.metadata.options.{name}` must be the name of a file, got {value!r}'
    )


def test_the_parallel_environment() -> None:
    value = 'mpi 1\nrm -rf $HOME\n#$ -pe mpi'
    options = with_options(resources={'parallel_env': value, 'tot_num_mpiprocs': 1})
    assert check_job(options) == (
        '`calc.metadata.options.resources.parallel_env` must not have blanks or line breaks, got '
        f'{value!r}'
    )


def test_what_is_stashed() -> None:
    stash = {'source_list': ['CHGCAR', '../../.ssh/id_rsa'], 'target_base': '/stash'}
    assert check_job(with_options(stash=stash)) == (
        "`calc.metadata.options`: stash.source_list has '../../.ssh/id_rsa', which is not in the "
        'folder of a calculation'
    )
    stash = {'source_list': ['CHGCAR'], 'target_base': '/stash\nrm'}
    assert check_job(with_options(stash=stash)) == (
        "`calc.metadata.options.stash.target_base` must be a single line, got '/stash\\nrm'"
    )


@pytest.mark.parametrize('name', ['A=1; rm -rf $HOME; B', 'A\n', '$(id)', '', '1A'])
def test_names_of_variables(name: str) -> None:
    assert check_job(with_options(environment_variables={name: '1'})) == (
        f'`calc.metadata.options.environment_variables`: {name!r} is not the name of a variable'
    )


@pytest.mark.parametrize(
    'path',
    ['/etc/passwd', '../other', 'a/../../b', 'a\nb', ['/etc/passwd', '.', 0], ['a', '../b', 0]],
)
@pytest.mark.parametrize('name', ['ADDITIONAL_RETRIEVE_LIST', 'ADDITIONAL_REMOTE_COPY_LIST'])
def test_files_in_the_folder_of_the_calculation(name: str, path: Any) -> None:
    message = check_job({'settings': Dict({name: ['LOCPOT', path]})}) or ''
    assert message.startswith(f'`settings`: {name} has ')
    assert message.endswith(', which is not in the folder of a calculation')
    assert check_job(with_options(additional_retrieve_list=[path])) is not None


def test_what_people_write() -> None:
    options = with_options(
        account='proj-42_a',
        queue_name='long@all.q',
        scheduler_stdout='_scheduler-stdout.txt',
        environment_variables={'OMP_NUM_THREADS': '1'},
        prepend_text='module load vasp\nulimit -s unlimited',
        additional_retrieve_list=['LOCPOT', ['sub/*', '.', 1]],
        resources={'parallel_env': 'mpi_16', 'tot_num_mpiprocs': 16},
        stash={'source_list': ['CHGCAR'], 'target_base': '/stash/my files'},
    )
    settings = Dict({'ADDITIONAL_RETRIEVE_LIST': ['*.cube', 'sub/a']})
    assert check_job({**options, 'settings': settings}) is None
    assert check_job({}) is None
