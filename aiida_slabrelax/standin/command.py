"""The command ``vasp-standin`` with arguments: help, choice of the model, POTCAR families."""

from __future__ import annotations

import argparse
import os
import sys
import textwrap
from pathlib import Path

from .engines.choice import ARGUMENTS as _ARGUMENTS
from .engines.choice import CALCULATOR as _CALCULATOR
from .engines.physics import PHYSICS
from .failures import FAILURES, IN_SETUP
from .inputs.incar import OBEYED
from .inputs.potcar import write_potcar_family
from .messages import MESSAGES
from .models import ENGINES, MODELS
from .output.dialects import DIALECTS
from .run import run

_DESCRIPTION = """\
Stands in for VASP: reads INCAR, POSCAR, POTCAR and KPOINTS in the working directory, relaxes the
structure with a model, and writes vasprun.xml, OUTCAR, CONTCAR, OSZICAR and standard output as VASP
does. Its own models are for tests and demonstrations of workflows, and their energies mean nothing
for publication. Those of an engine (sevennet, chgnet, gpaw, ase) mean what they mean elsewhere.
"""


def _help() -> str:
    """Return the part of the help below the arguments."""
    return '\n'.join(
        [
            *_table(
                'INCAR tags that are obeyed (others are only repeated in vasprun.xml)',
                OBEYED,
            ),
            *_table('models, by --model or the environment variable VASP_STANDIN_MODEL', MODELS),
            '  Unset, it is emt if all elements are among Al Ni Cu Pd Ag Pt Au, and else gfn1.',
            *_paragraph(
                f'{", ".join(ENGINES)} refuse tags for physics that they do not have, among: ',
                list(PHYSICS),
            ),
            '',
            'failures on demand, by the environment variable VASP_STANDIN_FAIL:',
            '  rules failure[@pattern][#count] separated by semicolons. The pattern (* ? [...]) is',
            "  matched against POSCAR's first line and the formula such as Ag10P3O16; the count is",
            '  the number of runs that fail, kept in the folder VASP_STANDIN_STATE.',
            "  Example: VASP_STANDIN_FAIL='electronic@*slab_01#1; slow=5'",
            *_table('', FAILURES)[:-1],
            *_paragraph('messages that end the setup: ', IN_SETUP),
            *_paragraph(
                'messages that end the third ionic step, or another one (zbrent=STEP): ',
                [name for name in MESSAGES if name not in IN_SETUP],
            ),
            '  zbrent happens only with IBRION = 2.',
            '',
            'forms of the output on demand, by the environment variable VASP_STANDIN_DIALECT:',
            '  rules dialect[@pattern] separated by semicolons, all of which apply.',
            "  Example: VASP_STANDIN_DIALECT='dos=17; hash@*slab_01'",
            *_table('', DIALECTS),
        ]
    )


def _table(heading: str, rows: dict[str, str]) -> list[str]:
    width = max(map(len, rows))
    lines = [f'  {name:{width}s}  {meaning}' for name, meaning in rows.items()]
    return [*([f'{heading}:'] if heading else []), *lines, '']


def _paragraph(heading: str, names: list[str]) -> list[str]:
    return textwrap.wrap(
        heading + ', '.join(names), 90, initial_indent='  ', subsequent_indent='    '
    )


def execute(arguments: list[str]) -> int:
    """Execute the command line.

    :param arguments: the arguments, without the name of the command.
    :returns: the exit code.
    """
    parser = argparse.ArgumentParser(
        prog='vasp-standin',
        description=_DESCRIPTION,
        epilog=_help(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        '--model', choices=list(MODELS), metavar='MODEL', help='the model; see below'
    )
    parser.add_argument(
        '--calculator',
        metavar='MODULE:FUNCTION',
        help='the calculator of ASE for the model ase: what makes it, by its import path '
        f'(or {_CALCULATOR})',
    )
    parser.add_argument(
        '--arguments',
        metavar='JSON',
        help=f'its arguments, such as \'{{"model": "small"}}\' (or {_ARGUMENTS})',
    )
    commands = parser.add_subparsers(dest='command', metavar='COMMAND', title='commands')
    potcars = commands.add_parser(
        'potcars',
        help='write a family of synthetic POTCAR files for aiida-vasp',
        description='Write a family of synthetic POTCAR files, without any pseudopotential data, '
        "in the layout that 'aiida-vasp potcar uploadfamily' reads.",
    )
    potcars.add_argument('folder', metavar='FOLDER', type=Path, help='folder of the family')
    potcars.add_argument(
        'symbols',
        metavar='ELEMENT',
        nargs='*',
        help='elements or variants such as Fe_pv (default: all elements, and the variants that '
        "aiida-vasp's protocols choose)",
    )
    options = parser.parse_args(arguments)
    if options.command is None:
        return run(Path.cwd(), _environment(options))
    try:
        paths = write_potcar_family(options.folder, options.symbols or None)
    except (ValueError, OSError) as error:
        print(f'vasp-standin: {error}', file=sys.stderr)
        return 1
    print(f'{len(paths)} synthetic POTCAR files written to {options.folder}')
    return 0


def _environment(options: argparse.Namespace) -> dict[str, str]:
    """Return the environment variables of a run; options on the command line count more."""
    given = {
        'VASP_STANDIN_MODEL': options.model,
        _CALCULATOR: options.calculator,
        _ARGUMENTS: options.arguments,
    }
    return {**os.environ, **{name: value for name, value in given.items() if value is not None}}
