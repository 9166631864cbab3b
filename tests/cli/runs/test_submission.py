"""What options of a command change in the overrides."""

from __future__ import annotations

from typing import Any

import pytest

from aiida_slabrelax.cli.runs.submission import with_locpot

NAME = 'ADDITIONAL_RETRIEVE_TEMPORARY_LIST'


@pytest.mark.parametrize(
    ('given', 'files'),
    [
        ({}, ['LOCPOT']),
        ({'vasp': None}, ['LOCPOT']),
        ({'vasp': {'settings': {NAME: ['CHGCAR']}}}, ['CHGCAR', 'LOCPOT']),
        ({'vasp': {'settings': {NAME: ['LOCPOT']}}}, ['LOCPOT']),
    ],
)
def test_locpot_is_retrieved_beside_other_files(given: dict[str, Any], files: list[str]) -> None:
    found = with_locpot(given, wanted=True)
    assert found['vasp']['settings'][NAME] == files


def test_nothing_changes_unasked() -> None:
    given = {'vasp': {'settings': {NAME: ['CHGCAR']}}, 'max_concurrent': 3}
    assert with_locpot(given, wanted=False) == given
    assert with_locpot(given, wanted=True)['max_concurrent'] == 3
