"""Several crystals in a group: ``launch``, ``show``, ``retry`` and ``report`` without a daemon."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from aiida.orm import Group, InstalledCode, Node, QueryBuilder, WorkChainNode
from ase.build import bulk
from click.testing import Result

from aiida_slabrelax.cli.runs import groups
from aiida_slabrelax.engine import shared_window
from sample_structures import copper_slabs

Invoke = Callable[..., Result]
Fixture = Callable[..., Any]


@pytest.fixture
def label(aiida_profile: object) -> str:
    return f'metals-{uuid4()}'


@pytest.fixture
def crystals(tmp_path: Path) -> Path:
    """A folder with files of three crystals."""
    for number, metal in enumerate(('Cu', 'Ag', 'Au')):
        bulk(metal, 'fcc', a=3.6 + 0.4 * number, cubic=True).write(tmp_path / f'{metal}.vasp')
    return tmp_path


@pytest.fixture
def launch(
    invoke: Invoke, vasp_code: InstalledCode, potential_family: str, label: str
) -> Callable[..., Result]:
    """Return a function that launches crystals into the group."""

    def run(*words: object, group: str | None = label) -> Result:
        more = ('--family', potential_family, '--protocol', 'fast')
        own = () if group is None else ('--group', group)
        return invoke('launch', vasp_code.full_label, *words, *more, *own)

    return run


@pytest.fixture
def submitted(monkeypatch: pytest.MonkeyPatch, start_process: Fixture) -> list[Any]:
    """The runs that were submitted, stored as members of their group; there is no daemon."""
    nodes: list[Any] = []

    def submit_into(group: Group, builder: Any) -> Any:
        node = start_process(builder).node
        node.set_process_state('waiting')
        group.add_nodes([node])
        nodes.append(node)
        return node

    monkeypatch.setattr(groups, 'submit_into', submit_into)
    monkeypatch.setattr(groups.submission, 'require_daemon', lambda: None)
    monkeypatch.setattr(groups, 'check_slots', lambda runs, limit: None)
    return nodes


def n_nodes() -> int:
    return QueryBuilder().append(Node).count()


def test_several_crystals(
    launch: Callable[..., Result], crystals: Path, submitted: list[Any], label: str
) -> None:
    files = [crystals / f'{metal}.vasp' for metal in ('Cu', 'Ag')]
    result = launch(*files, '--miller', 1, 0, 0, '--max-concurrent', 4)
    assert result.exit_code == 0, result.output
    assert [node.label for node in submitted] == ['Cu', 'Ag']
    assert {node.inputs.window.value for node in submitted} == {label}
    assert {node.inputs.max_concurrent.value for node in submitted} == {4}
    assert shared_window.read(label).limit == 4
    assert '2 of 2 crystals submitted' in result.stdout
    assert f'aiida-slabrelax show --group {label}' in result.stdout


def test_the_same_command_again_submits_what_is_missing(
    launch: Callable[..., Result], crystals: Path, submitted: list[Any], label: str
) -> None:
    first, *others = (crystals / f'{metal}.vasp' for metal in ('Cu', 'Ag', 'Au'))
    launch(first, '--miller', 1, 0, 0, '--max-concurrent', 4)
    (node,) = submitted
    result = launch(first, *others, '--miller', 1, 0, 0)
    assert result.exit_code == 0, result.output
    assert [node.label for node in submitted] == ['Cu', 'Ag', 'Au']
    assert f'Cu: in the group already, SlabRelaxWorkChain<{node.pk}>' in result.stdout
    assert '2 of 3 crystals submitted, 1 in the group' in result.stdout
    assert 'at most 4 relaxations at a time' in result.stdout
    again = launch(first, *others, '--miller', 1, 0, 0, '--max-concurrent', 2)
    assert '0 of 3 crystals submitted' in again.stdout
    assert shared_window.read(label).limit == 2


def test_the_same_crystal_twice_is_one_run(
    launch: Callable[..., Result], crystals: Path, submitted: list[Any]
) -> None:
    (crystals / 'copy.vasp').write_text((crystals / 'Cu.vasp').read_text())
    result = launch(crystals / 'Cu.vasp', crystals / 'copy.vasp', '--miller', 1, 0, 0)
    assert [node.label for node in submitted] == ['Cu']
    assert 'copy: the same as a crystal before it' in result.stdout


def test_another_surface_is_another_run(
    launch: Callable[..., Result], crystals: Path, submitted: list[Any]
) -> None:
    launch(crystals / 'Cu.vasp', '--miller', 1, 0, 0)
    launch(crystals / 'Cu.vasp', '--miller', 1, 1, 0)
    assert [node.inputs.miller_indices.get_list() for node in submitted] == [[1, 0, 0], [1, 1, 0]]
    assert all('window' not in node.inputs for node in submitted)


def test_a_table(launch: Callable[..., Result], crystals: Path, submitted: list[Any]) -> None:
    table = crystals / 'crystals.csv'
    table.write_text(
        'file,miller,max_index,thickness,symmetrize,label,protocol\n'
        'Cu.vasp,1 0 0; 1 1 0,,,,copper,\n'
        'Ag.vasp,,1,6.5,no,,stringent\n'
        'Au.vasp,,,,,,\n'
    )
    result = launch('--table', table, '--miller', 1, 1, 1)
    assert result.exit_code == 0, result.output
    copper, silver, gold = (node.inputs for node in submitted)
    assert [node.label for node in submitted] == ['copper', 'Ag', 'Au']
    assert copper.miller_indices.get_list() == [[1, 0, 0], [1, 1, 0]]
    assert silver.max_index.value == 1
    assert 'miller_indices' not in silver
    assert silver.min_slab_thickness.value == 6.5
    assert silver.symmetrize.value is False
    assert silver.vasp.parameters != gold.vasp.parameters
    assert gold.miller_indices.get_list() == [1, 1, 1]
    assert gold.symmetrize.value is True


def test_all_that_is_wrong_is_named_before_anything_is_submitted(
    launch: Callable[..., Result], crystals: Path, submitted: list[Any], label: str
) -> None:
    (crystals / 'bad.cif').write_text('data_nothing\n')
    table = crystals / 'crystals.csv'
    table.write_text(
        'file,miller,thickness\nCu.vasp,1 0 0,\nbad.cif,1 0 0,\nAg.vasp,0 0 0,\nAu.vasp,1 0 0,-3\n'
        'none.cif,1 0 0,\nAu.vasp,1 0 0,thick\n'
    )
    before = n_nodes()
    result = launch('--table', table)
    assert result.exit_code == 2
    for line, message in (
        (3, 'bad.cif'),
        (4, 'Miller indices [0, 0, 0] describe no plane'),
        (5, 'The minimal slab thickness must be a finite number above 0'),
        (6, 'none.cif'),
        (7, "min_slab_thickness: 'thick' is not a valid float"),
    ):
        (found,) = (one for one in result.stderr.splitlines() if f'line {line}: ' in one)
        assert message in found
    assert result.stderr.splitlines()[-1] == (
        'Error: 5 of 6 crystals cannot be launched; nothing was submitted'
    )
    assert submitted == []
    assert n_nodes() == before
    assert QueryBuilder().append(Group, filters={'label': label}).count() == 0


@pytest.mark.parametrize(
    ('words', 'message'),
    [
        (['Cu.vasp', 'Ag.vasp', '--miller', 1, 0, 0], 'several crystals need --group'),
        ([], "Missing argument 'STRUCTURE…'."),
    ],
)
def test_what_needs_a_group(
    launch: Callable[..., Result],
    crystals: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: list[object],
    message: str,
) -> None:
    monkeypatch.chdir(crystals)
    result = launch(*words, group=None)
    assert result.exit_code == 2
    assert message in result.stderr


def test_surfaces_are_needed_for_each(launch: Callable[..., Result], crystals: Path) -> None:
    result = launch(crystals / 'Cu.vasp')
    assert 'give either --miller (several times for several surfaces) or --max-index' in (
        result.stderr
    )


def test_a_label_is_for_one(launch: Callable[..., Result], crystals: Path) -> None:
    files = (crystals / 'Cu.vasp', crystals / 'Ag.vasp')
    result = launch(*files, '--miller', 1, 0, 0, '--label', 'x')
    assert '--label: the runs of several crystals have the names of files' in result.stderr


def test_a_dry_run_shows_each(launch: Callable[..., Result], crystals: Path) -> None:
    files = (crystals / 'Cu.vasp', crystals / 'Ag.vasp')
    before = n_nodes()
    words = ('--miller', 1, 0, 0, '--write-inputs', crystals / 'inputs')
    result = launch(*files, *words)
    assert result.exit_code == 0, result.output
    assert n_nodes() == before
    assert 'Cu:\n' in result.stdout
    assert (crystals / 'inputs/Ag/slab_00/POSCAR').is_file()


def test_slots_that_waiting_runs_would_take(
    launch: Callable[..., Result],
    crystals: Path,
    submitted: list[Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Client:
        def get_worker_info(self, timeout: float) -> dict[str, Any]:
            return {'info': {'1': {}}}

    monkeypatch.undo()
    monkeypatch.setattr(groups.submission, 'require_daemon', lambda: None)
    monkeypatch.setattr(groups, 'get_daemon_client', Client)
    words = ('--miller', 1, 0, 0, '--max-concurrent', 150)
    result = launch(crystals / 'Cu.vasp', *words)
    assert result.exit_code == 2
    assert (
        '1 runs with 150 relaxations at a time need 301 slots, and the daemon has 200: '
        '`verdi daemon incr 1`'
    ) in result.stderr
    assert submitted == []


@pytest.fixture(scope='module')
def make_group(
    instantiate_for_all: Fixture, relax: Fixture, end_relaxation: Fixture, end_run: Fixture
) -> Callable[[], Group]:
    """Return a function that makes two runs, of which one has a slab that has failed."""

    def make() -> Group:
        group = Group(label=f'metals-{uuid4()}').store()
        for name, slabs in (('Cu', copper_slabs(3, 4)), ('bcc', copper_slabs(5))):
            process = instantiate_for_all(slabs=slabs)
            process.node.label = name
            for one in slabs:
                if one == 'cu_4':
                    end_relaxation(process, one, exit_status=401)
                else:
                    relax(process, one, -1.0)
            run: WorkChainNode = end_run(process)
            group.add_nodes([run])
        return group

    return make


@pytest.fixture(scope='module')
def ended_group(make_group: Callable[[], Group]) -> Group:
    """The group of all tests that only read it."""
    return make_group()


def test_show(invoke: Invoke, ended_group: Group) -> None:
    text = invoke('show', '--group', ended_group.label)
    assert text.exit_code == 0, text.output
    assert [line.split()[:2] for line in text.stdout.splitlines() if 'cu_' in line][:3] == [
        ['Cu', 'cu_3'],
        ['Cu', 'cu_4'],
        ['bcc', 'cu_5'],
    ]
    assert 'Cu cu_4 failed: ' in text.stdout
    assert f'`aiida-slabrelax retry --group {ended_group.label}`' in text.stdout
    assert text.stdout.splitlines()[-1] == (
        f'{ended_group.label}: 2 crystals, 3 slabs: 2 relaxed, 1 failed'
    )
    content = json.loads(invoke('show', '--group', ended_group.label, '--json').stdout)
    assert [one['crystal'] for one in content['crystals']] == ['Cu', 'bcc']
    assert content['crystals'][0]['slabs'][0]['energy_ev'] == -1.0
    rows = csv.DictReader(io.StringIO(invoke('show', '--group', ended_group.label, '--csv').stdout))
    assert [(row['crystal'], row['label'], row['energy_ev']) for row in rows] == [
        ('Cu', 'cu_3', '-1.0'),
        ('Cu', 'cu_4', ''),
        ('bcc', 'cu_5', '-1.0'),
    ]


def test_report(invoke: Invoke, ended_group: Group, tmp_path: Path) -> None:
    path = tmp_path / 'page.html'
    result = invoke('report', '--group', ended_group.label, '-o', path)
    assert result.exit_code == 0, result.output
    page = path.read_text('utf-8')
    assert f'{ended_group.label}: 2 crystals, 3 slabs: 2 relaxed, 1 failed' in page
    assert page.count('<td data-name="crystal">Cu</td>') == 2
    assert '<dt>Cu cu_4</dt>' in page
    assert '"label":"bcc cu_5"' in page


def test_retry(invoke: Invoke, make_group: Callable[[], Group], submitted: list[Any]) -> None:
    ended_group = make_group()
    result = invoke('retry', '--group', ended_group.label)
    assert result.exit_code == 0, result.output
    (again,) = submitted
    assert again.label == 'Cu'
    assert sorted(again.inputs.slabs) == ['cu_3', 'cu_4']
    assert again in list(ended_group.nodes)
    assert 'cu_3: taken over' in result.stdout
    once_more = invoke('retry', '--group', ended_group.label)
    assert once_more.exit_code == 2
    assert f'Cu: SlabRelaxWorkChain<{again.pk}> has not ended' in once_more.stdout
    assert 'no run of the group' in once_more.stderr


def test_a_retry_that_is_only_shown(invoke: Invoke, ended_group: Group) -> None:
    before = n_nodes()
    result = invoke('retry', '--group', ended_group.label, '--dry-run')
    assert result.exit_code == 0, result.output
    assert n_nodes() == before


@pytest.mark.parametrize('command', ['show', 'retry'])
@pytest.mark.parametrize(
    ('words', 'message'),
    [
        ([], 'give either the PK or UUID of a run, or --group'),
        (['1', '--group', 'x'], 'give either the PK or UUID of a run, or --group'),
        (['--group', 'nobody'], "--group: there is no group 'nobody'"),
    ],
)
def test_a_run_or_a_group(invoke: Invoke, command: str, words: list[str], message: str) -> None:
    result = invoke(command, *words)
    assert result.exit_code == 2
    assert message in result.stderr


def test_an_empty_group(invoke: Invoke, label: str) -> None:
    Group(label=label).store()
    result = invoke('show', '--group', label)
    assert result.exit_code == 2
    assert f'there is no SlabRelaxWorkChain in the group {label}' in result.stderr
