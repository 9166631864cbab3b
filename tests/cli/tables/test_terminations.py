"""The table of `preview`."""

from __future__ import annotations

from dataclasses import replace

from ase.build import bulk

from aiida_slabrelax import preview
from aiida_slabrelax.cli.tables.terminations import as_text

HINT = '(--indices-of conventional takes such indices)'


def test_another_cell_can_be_asked_for_only_of_a_crystal() -> None:
    found = preview(bulk('Cu', 'fcc', a=3.6), [1, 1, 0])
    assert HINT in as_text(found)
    text = as_text(replace(found, is_of_run=True))
    assert 'in the conventional cell (110) is (' in text
    assert HINT not in text
