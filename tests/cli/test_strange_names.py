"""Names and numbers that no file and no plane can have: one line, and an exit status."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import Result


@pytest.mark.parametrize('name', ['x' * 300, 'x' * 300 + '.cif', 'a\0b', '9' * 20, '9' * 6000])
def test_names_that_no_file_can_have(invoke: Callable[..., Result], name: str) -> None:
    from aiida_slabrelax.cli.inputs.nodes import find_structure

    result = invoke('preview', name, '--miller', 1, 0, 0)
    assert (result.exit_code, result.exception.__class__) == (2, SystemExit)
    assert result.stderr.startswith('Error: ')
    assert len(result.stderr) < 400
    with pytest.raises(click.ClickException, match='there is neither such a file nor a node'):
        find_structure(name)


@pytest.mark.parametrize('index', ['9' * 20, '-' + '9' * 20, '1000001', '9' * 6000])
def test_indices_that_no_plane_has(
    invoke: Callable[..., Result], copper_file: Path, index: str
) -> None:
    result = invoke('preview', copper_file, '--miller', index, 0, 0)
    assert (result.exit_code, result.exception.__class__) == (2, SystemExit)
    assert result.stderr.startswith('Error: ')
