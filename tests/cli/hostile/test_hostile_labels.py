"""Labels and messages of a database that somebody has tampered with."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiida.orm import CalcFunctionNode, WorkChainNode
from click.testing import Result

from aiida_slabrelax.visible import is_hidden
from hostile import CONTROLS, relabel
from sample_structures import copper_slabs

Invoke = Callable[..., Result]
Rename = Callable[[str], WorkChainNode]

#: Those of other kinds are in ``test_new_files``.
PATHS = ['../../x', '/tmp/x', 'x' * 300, CONTROLS]

#: The commands that take a run.
COMMANDS = (
    ('show',),
    ('show', '--csv'),
    ('show', '--json'),
    ('preview',),
    ('preview', '--json'),
    ('preview', '--plot', 'faces.svg'),
    ('retry', '--dry-run'),
    ('reread',),
    ('energies',),
    ('export', '--what', 'table'),
    ('plot', 'slabs', '-o', 'x.svg'),
    ('report', '-o', 'x.html'),
)


@pytest.fixture
def renamed(run_with_failure: WorkChainNode) -> Rename:
    """Return a function that gives the failed slab of a run another label."""
    (cut,) = (node for node in run_with_failure.called if isinstance(node, CalcFunctionNode))

    def rename(label: str) -> WorkChainNode:
        relabel(cut, 'slabs__slab_00', f'slabs__{label}')
        relabel(run_with_failure, 'slab_00', label)
        return run_with_failure

    return rename


def assert_nothing_hidden(*texts: str) -> None:
    assert [one for text in texts for one in text if is_hidden(one) and one != '\n'] == []


@pytest.mark.parametrize('label', PATHS)
def test_export_stays_in_its_folder(
    invoke: Invoke, renamed: Rename, tmp_path: Path, label: str
) -> None:
    words = ('--what', 'initial', '-o', tmp_path / 'a' / 'b')
    run = renamed(label)
    for more in ((), ('--format', 'extxyz', '--one-file', '--force')):
        result = invoke('export', run.pk, *words, *more)
        assert result.exit_code == 2
        assert result.stderr.startswith('Error: ')
        assert 'cannot be the name of a file' in result.stderr
        assert result.stderr.count('\n') == 1
        assert_nothing_hidden(result.stderr)
        assert list(tmp_path.iterdir()) == []


def test_the_other_slabs_can_be_chosen(invoke: Invoke, renamed: Rename, tmp_path: Path) -> None:
    run = renamed('../x')
    words = ('--what', 'initial', '--only', 'slab_01', '-o', tmp_path / 'a')
    assert invoke('export', run.pk, *words).exit_code == 0
    assert [path.name for path in tmp_path.rglob('*')] == ['a', 'slab_01.vasp']


def test_labels_that_differ_by_case_only(invoke: Invoke, renamed: Rename, tmp_path: Path) -> None:
    result = invoke('export', renamed('SLAB_01').pk, '--what', 'initial', '-o', tmp_path)
    assert result.stderr.startswith('Error: SLAB_01.vasp and slab_01.vasp would be one file')
    assert list(tmp_path.iterdir()) == []


def test_a_link_in_the_folder_is_not_followed(
    invoke: Invoke, run_with_failure: WorkChainNode, tmp_path: Path
) -> None:
    (tmp_path / 'mine').write_text('mine')
    folder = tmp_path / 'folder'
    folder.mkdir()
    (folder / 'slab_00.vasp').symlink_to(tmp_path / 'mine')
    (folder / 'slab_01.vasp').symlink_to(tmp_path / 'not there')
    words = ('export', run_with_failure.pk, '--what', 'initial', '-o', folder)
    result = invoke(*words)
    assert result.stderr == (
        f'Error: there is already {folder / "slab_00.vasp"}, {folder / "slab_01.vasp"}; --force '
        'replaces existing files\n'
    )
    assert invoke(*words, '--force').exit_code == 0
    assert (tmp_path / 'mine').read_text() == 'mine'
    assert sorted(path.name for path in tmp_path.iterdir()) == ['folder', 'mine']
    assert not any(path.is_symlink() for path in folder.iterdir())


def test_no_command_prints_control_characters_of_a_label(
    invoke: Invoke, renamed: Rename, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run = renamed(CONTROLS)
    for words in COMMANDS:
        result = invoke(*words, run.pk)
        assert isinstance(result.exception, SystemExit | None)
        assert_nothing_hidden(result.stdout, result.stderr)
        assert not any(line.startswith('slab_99') for line in result.stdout.splitlines())
    assert {path.name for path in tmp_path.iterdir()} == {
        *('faces.svg', f'slabs_{run.pk}.csv', 'x.html', 'x.svg')
    }
    assert_nothing_hidden((tmp_path / f'slabs_{run.pk}.csv').read_text('utf-8'))


def test_json_has_the_label_itself(invoke: Invoke, renamed: Rename) -> None:
    slabs = json.loads(invoke('show', renamed(CONTROLS).pk, '--json').stdout)['slabs']
    assert CONTROLS in [slab['label'] for slab in slabs]


@pytest.mark.parametrize('label', ['=cmd|" /C calc"!A0', '-1'])
def test_no_cell_is_a_formula(invoke: Invoke, renamed: Rename, tmp_path: Path, label: str) -> None:
    run = renamed(label)
    shown = invoke('show', run.pk, '--csv').stdout
    assert invoke('export', run.pk, '--what', 'table', '-o', tmp_path).exit_code == 0
    written = (tmp_path / f'slabs_{run.pk}.csv').read_text('utf-8')
    for text in (shown, written):
        rows = list(csv.DictReader(io.StringIO(text)))
        assert [row['label'] for row in rows if not row['label'].startswith('slab')] == [
            f"'{label}"
        ]
        for row in rows:
            assert [cell for cell in row.values() if cell.lstrip().startswith(('=', '@'))] == []


def test_a_message_of_an_exit_code(
    invoke: Invoke, instantiate: Callable[..., Any], end_relaxation: Callable[..., WorkChainNode]
) -> None:
    process = instantiate(slabs=copper_slabs(3))
    end_relaxation(process, 'cu_3', exit_status=401, exit_message=f'=1+1{CONTROLS}')
    for words in ((), ('--csv',), ('--json',)):
        result = invoke('show', process.node.pk, *words)
        assert result.exit_code == 0
        assert_nothing_hidden(result.stdout)
        assert not any(line.startswith('slab_99') for line in result.stdout.splitlines())
    (row,) = csv.DictReader(io.StringIO(invoke('show', process.node.pk, '--csv').stdout))
    assert row['exit_message'].startswith("'=1+1\\x1b[2J")
