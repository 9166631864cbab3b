"""What the page of failed runs shows is in the form that the program prints."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from aiida_slabrelax.cli.tables.slabs import as_text
from aiida_slabrelax.results import Failure, RunResults, SlabResult
from terminals import Terminal

PAGE = Path(__file__).parents[2] / 'docs' / 'how-to' / 'failed-run.md'
FOLDER = '/scratch/alice/aiida/'


def shown() -> str:
    """What follows the first command of the page."""
    return PAGE.read_text('utf-8').partition('$ aiida-slabrelax show 37\n')[2].partition('```')[0]


def message_of(label: str) -> str:
    """The text of the page on the failure of a slab; the form around it is the program's."""
    (found,) = re.findall(rf'^{label} failed: (.*)$', shown(), re.MULTILINE)
    return str(found)


def advice_of(name: str) -> str:
    """The text of the page on what to do about a failure."""
    (found,) = re.findall(rf'^    {name}: (.*)$', shown(), re.MULTILINE)
    return str(found)


def test_the_table_and_what_is_below_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv('COLUMNS', '110')
    monkeypatch.setattr(sys, 'stdout', Terminal())
    failures = (
        Failure(
            message=message_of('slab_00'),
            name='NELM REACHED',
            advice=advice_of('NELM REACHED'),
            last_lines=('…',),
            energy=-2822.3979,
            structure_pk=78,
            computer='cluster',
            remote_folder=f'{FOLDER}7b/20/52c9-cea9-4ff6-8250-4ba4e6ed91aa',
        ),
        Failure(
            message=message_of('slab_03'),
            name='SEGMENTATION FAULT',
            advice=advice_of('SEGMENTATION FAULT'),
            last_lines=(
                'vasp.6.5.1 stand-in: this is vasp-standin and NOT VASP, its results are a model',
                'forrtl: severe (174): SIGSEGV, segmentation fault occurred',
            ),
            computer='cluster',
            remote_folder=f'{FOLDER}3d/c4/47fa-9275-41de-b072-efd467b11531',
        ),
    )
    rows = (
        ('failed', 'Ag/O2', 'Ag10P3O12', 25, 9.18, None, 0.027, False, 28, 49, 401, failures[0]),
        ('relaxed', 'Ag2P/O2', 'Ag11P4O12', 27, 9.18, -3002.3764, 0.038, True, 103, 48, 0, None),
        ('relaxed', 'O2/Ag', 'Ag10P3O16', 29, 10.43, -3328.8985, 0.031, True, 22, 47, 0, None),
        ('failed', 'O2/Ag2P', 'Ag11P4O16', 31, 10.99, None, None, None, None, 46, 500, failures[1]),
    )
    slabs = tuple(
        SlabResult(
            label=f'slab_{n:02d}',
            state=state,
            plane='(100)',
            faces=faces,
            symmetric=True,
            stoichiometric=False,
            polar='no',
            tasker='III',
            broken_bonds=0.1602,
            formula=formula,
            n_atoms=atoms,
            thickness=thickness,
            area=None,
            energy=energy,
            max_force=force,
            converged=converged,
            ionic_steps=steps,
            pk=pk,
            exit_status=status,
            failure=failure,
        )
        for n, (
            state,
            faces,
            formula,
            atoms,
            thickness,
            energy,
            force,
            converged,
            steps,
            pk,
            status,
            failure,
        ) in enumerate(rows)
    )
    last = shown().strip().splitlines()[-1]
    summary = last.removeprefix('SlabRelaxWorkChain<37> finished [402] ')
    message = f'{summary}: slab_00: {failures[0].message}; slab_03: {failures[1].message}'
    run = RunResults(37, 'uuid', 'finished', False, 402, message, slabs)
    assert as_text(run).strip() == shown().strip()
