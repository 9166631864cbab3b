"""What comes back from another computer is read as data, and never unpickled."""

from __future__ import annotations

import io
import json
import os
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from aiida import orm
from aiida.common.links import LinkType
from aiida.manage import get_manager
from ase import Atoms
from plumpy import ProcessState

from aiida_slabrelax.durable.remote.jobs import describe_remote_call
from aiida_slabrelax.durable.remote.result import (
    ARRAY,
    MOST_BYTES,
    RESULT,
    RemoteResultParser,
    read_result,
)


class Makes:
    """An object whose pickle makes a folder where it is loaded."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.path),)


def parse(localhost: orm.Computer, files: dict[str, bytes]) -> tuple[int, orm.CalcJobNode]:
    """Return how the parser ends with the files of a job, and the node of the job."""
    node = orm.CalcJobNode(
        computer=localhost, process_type='aiida.calculations:pythonjob.pythonjob'
    )
    node.set_option('resources', {'num_machines': 1, 'num_mpiprocs_per_machine': 1})
    retrieved = orm.FolderData()
    for name, content in files.items():
        retrieved.base.repository.put_object_from_bytes(content, name)
    with get_manager().get_profile_storage().transaction():
        node.store()
        retrieved.base.links.add_incoming(node, LinkType.CREATE, 'retrieved')
        retrieved.store()
    results, parsing = RemoteResultParser.parse_from_node(node, store_provenance=False)
    if isinstance(results, orm.Data):
        results.base.links.add_incoming(node, LinkType.CREATE, 'result')
        results.store()
    node.set_process_state(ProcessState.FINISHED)
    return parsing.exit_status, node


def result(value: Any, kind: str = 'value') -> dict[str, bytes]:
    return {RESULT: json.dumps({kind: value}).encode(), '_error.json': b'{}'}


@pytest.mark.parametrize('value', [None, True, 2, 0.5, 'a', [1, [2, None]], {'a': {'b': 1}}])
def test_plain_values(localhost: orm.Computer, value: Any) -> None:
    status, node = parse(localhost, result(value))
    assert (status, read_result(node)) == (0, value)


def test_arrays(localhost: orm.Computer) -> None:
    buffer = io.BytesIO()
    np.save(buffer, np.arange(6.0).reshape(2, 3))
    status, node = parse(localhost, {**result(None, 'array'), ARRAY: buffer.getvalue()})
    assert (status, read_result(node).tolist()) == (0, [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]])


def test_atoms(localhost: orm.Computer) -> None:
    content = {
        'numbers': [29],
        'positions': [[0, 0, 0]],
        'cell': np.diag([3, 3, 3]).tolist(),
        'pbc': [True] * 3,
        'tags': [2],
    }
    status, node = parse(localhost, result(content, 'atoms'))
    expected = Atoms('Cu', cell=[3, 3, 3], pbc=True, tags=[2])
    assert (status, read_result(node)) == (0, expected)


def test_a_pickle_is_not_opened(localhost: orm.Computer, tmp_path: Path) -> None:
    evil = pickle.dumps(Makes(tmp_path / 'made'))
    status, node = parse(localhost, {**result(2), 'results.pickle': evil})
    assert (status, read_result(node)) == (0, 2)
    status, _ = parse(localhost, {'results.pickle': evil})
    assert status == 310
    assert not (tmp_path / 'made').exists()


def test_a_pickle_in_the_array_is_not_opened(localhost: orm.Computer, tmp_path: Path) -> None:
    buffer = io.BytesIO()
    np.save(buffer, np.array([Makes(tmp_path / 'made')], dtype=object), allow_pickle=True)
    for content in (buffer.getvalue(), pickle.dumps(Makes(tmp_path / 'made'))):
        status, _ = parse(localhost, {**result(None, 'array'), ARRAY: content})
        assert status == 321
    assert not (tmp_path / 'made').exists()


def huge_array() -> bytes:
    """Return an array whose head promises a petabyte."""
    buffer = io.BytesIO()
    np.save(buffer, np.zeros(1))
    return buffer.getvalue().replace(b'(1,), }' + b' ' * 14, b'(' + b'9' * 15 + b',), }')


@pytest.mark.parametrize(
    'files',
    [
        {RESULT: b''},
        {RESULT: b'\xff\xfe'},
        {RESULT: b'[]'},
        {RESULT: b'{}'},
        {RESULT: b'{"value": 1, "array": 2}'},
        {RESULT: b'{"module": "os"}'},
        {RESULT: b'[' * 100_000},
        {RESULT: b'{"value": ' + b'9' * 6000 + b'}'},
        {RESULT: b' ' * (MOST_BYTES + 1)},
        {RESULT: b'{"atoms": {"numbers": [1], "positions": 3}}'},
        {RESULT: b'{"atoms": 3}'},
        {RESULT: b'{"array": null}'},
        {RESULT: b'{"array": null}', ARRAY: huge_array()},
        {RESULT: b'{"value": 2}', '_error.json': b'[1]'},
        {RESULT: b'{"value": 2}', '_error.json': b'{"error_type": "x"}'},
    ],
    ids=range(15),
)
def test_other_files_are_invalid(localhost: orm.Computer, files: dict[str, bytes]) -> None:
    assert parse(localhost, files)[0] == 321


def test_a_failure_there(localhost: orm.Computer) -> None:
    failure = {
        'error_type': 'FUNCTION_EXECUTION_FAILED',
        'exception_message': 'no',
        'traceback': '',
    }
    status, _ = parse(localhost, {'_error.json': json.dumps(failure).encode()})
    assert status == 326


def test_what_a_node_names_is_not_called(localhost: orm.Computer, tmp_path: Path) -> None:
    """The node of a result has been tampered with: its class would import what it names."""
    from aiida_pythonjob.data.common_data import FunctionData

    _, node = parse(localhost, {})
    (tmp_path / 'stranger.py').write_text('raise SystemExit')
    evil = FunctionData(os.mkdir)
    evil.base.attributes.set('module_path', 'stranger')
    evil.base.links.add_incoming(node, LinkType.CREATE, 'result')
    evil.store()
    assert read_result(node) == evil


def test_what_names_a_class_is_not_sent(python: orm.InstalledCode) -> None:
    from aiida_pythonjob.data.common_data import FunctionData

    def take(x: Any) -> None: ...

    with pytest.raises(TypeError, match='take: x is a FunctionData, which cannot be sent'):
        describe_remote_call(python, {}, take, (FunctionData(os.mkdir),), {})
