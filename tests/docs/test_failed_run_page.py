"""What the page of failed runs shows is in the form that the program prints."""

from __future__ import annotations

import re
from pathlib import Path

from aiida_slabrelax.cli.tables.slabs import as_text
from aiida_slabrelax.results import Failure, RunResults, SlabResult

PAGE = Path(__file__).parents[2] / 'docs' / 'how-to' / 'failed-run.md'
FOLDER = '/scratch/alice/aiida/'


def shown() -> str:
    """What follows the first command of the page."""
    return PAGE.read_text('utf-8').partition('$ aiida-slabrelax show 37\n')[2].partition('```')[0]


def message_of(label: str) -> str:
    """The text of the page on the failure of a slab; the form around it is the program's."""
    (found,) = re.findall(rf'^{label} failed: (.*)$', shown(), re.MULTILINE)
    return str(found)


def test_the_table_and_what_is_below_it() -> None:
    failures = (
        Failure(
            message=message_of('slab_00'),
            last_lines=('…',),
            energy=-2822.3979,
            structure_pk=78,
            computer='cluster',
            remote_folder=f'{FOLDER}7b/20/52c9-cea9-4ff6-8250-4ba4e6ed91aa',
        ),
        Failure(
            message=message_of('slab_03'),
            last_lines=(
                'vasp.6.5.1 stand-in: this is vasp-standin and NOT VASP, its results are a model',
                'forrtl: severe (174): SIGSEGV, segmentation fault occurred',
            ),
            computer='cluster',
            remote_folder=f'{FOLDER}3d/c4/47fa-9275-41de-b072-efd467b11531',
        ),
    )
    rows = (
        ('failed', 'Ag10P3O12', 25, 9.18, None, 0.027, False, 28, 49, 401, failures[0]),
        ('relaxed', 'Ag11P4O12', 27, 9.18, -3002.3764, 0.038, True, 103, 48, 0, None),
        ('relaxed', 'Ag10P3O16', 29, 10.43, -3328.8985, 0.031, True, 22, 47, 0, None),
        ('failed', 'Ag11P4O16', 31, 10.99, None, None, None, None, 46, 500, failures[1]),
    )
    slabs = tuple(
        SlabResult(
            label=f'slab_{n:02d}',
            state=state,
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
    message = last.removeprefix('SlabRelaxWorkChain<37> finished [402] ')
    run = RunResults(37, 'uuid', 'finished', False, 402, message, slabs)
    assert as_text(run).strip() == shown().strip()
