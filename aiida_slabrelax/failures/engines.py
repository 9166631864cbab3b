"""Refusals of the stand-in for VASP when the model is another package: a potential, or GPAW."""

from __future__ import annotations

from .kinds import Kind, Weight

ENGINE_FAILURES = (
    Kind(
        'CALCULATOR',
        (
            r'The calculator \S+ (?:cannot be (?:imported|made)|gives no)',
            r'not a calculator of ASE',
            r'VASP_STANDIN_(?:CALCULATOR|ARGUMENTS):',
        ),
        'the calculator behind vasp-standin cannot be used; the last lines say why: its import '
        'path, its arguments, or its package where the code runs',
        Weight.FATAL,
    ),
    Kind(
        'NO SUCH PHYSICS',
        ('cannot give what these tags ask for',),
        'the model behind vasp-standin does not have what these tags ask for: leave them out',
        Weight.FATAL,
    ),
    Kind(
        'UNKNOWN ELEMENT',
        (r'The model \S+ does not know', 'refuses the crystal'),
        'the model behind vasp-standin does not know an element: take another one',
        Weight.FATAL,
    ),
    Kind(
        'SEVERAL PROCESSES',
        (r'the model \S+ runs as one process',),
        'the model behind vasp-standin runs as one process: a code without MPI',
        Weight.FATAL,
    ),
)
