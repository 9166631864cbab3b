"""``aiida-slabrelax doctor``: check that everything a run needs is available."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING

import click

from ..errors import CommandFailed, reported
from ..inputs.configuration import no_new_configuration
from ..inputs.yaml_files import read_yaml
from ..params import options
from ..params.crystal_options import crystal_options
from ..params.names import CodeName, FamilyName
from ..printing import print_text

if TYPE_CHECKING:
    from ..doctor.checks import Finding, Setup
    from ..inputs.reading_options import ReadingOptions


@click.command(cls=options.MillerCommand)
@click.option(
    '--code',
    type=CodeName(),
    metavar='CODE',
    help='The code of a run: its label, pk or uuid.',
)
@click.option(
    '--structure',
    type=options.FileName(),
    metavar='FILE',
    help='The crystal of a run: a file, or the pk or uuid of a StructureData.',
)
@crystal_options
@click.option(
    '--family',
    type=FamilyName(),
    metavar='NAME',
    help='The family of potentials.  [default: that of the protocols, PBE.54]',
)
@click.option(
    '--overrides',
    metavar='FILE',
    help='The overrides of a run, whose settings of VASP are looked at; needs --code and '
    '--structure.',
)
@click.option(
    '--slabs',
    type=click.IntRange(min=1),
    default=8,
    show_default=True,
    metavar='N',
    help='How many slabs the daemon must be able to relax at once.',
)
@options.profile
def doctor(
    code: str | None,
    structure: str | None,
    family: str | None,
    overrides: str | None,
    slabs: int,
    profile: str | None,
    reading: ReadingOptions,
) -> None:
    """Check everything that a run needs, and say how to repair faults.

    The profile, the storage, the broker, the daemon with its workers, and the potentials; with
    --code the code and its computer; with --structure the crystal. Nothing is changed. A line
    begins with [OK], with [!!] for a fault, with [??] for settings of VASP that are often not
    meant, or with [--] if a check was not possible. The exit status is 1 if there is a fault.
    """
    from ..doctor.checks import Mark, Setup

    changes = read_yaml(overrides)
    failed = False
    connections = ExitStack()
    with no_new_configuration():
        try:
            for finding in examine(
                Setup(
                    profile,
                    code,
                    structure,
                    family,
                    slabs,
                    connections,
                    changes,
                    reading=reading,
                )
            ):
                fault = finding.mark is Mark.FAULT
                print_text(str(finding), colour='red' if fault else None)
                failed = failed or fault
        finally:
            with suppress(Exception):  # a broken connection raises any exception
                connections.close()
    if failed:
        raise click.exceptions.Exit(1)


def examine(setup: Setup) -> Iterator[Finding]:
    """Run one check after the other, and yield the findings.

    :raises CommandFailed: if AiiDA, or another import of the checks, fails.
    """
    with reported(Exception, prefix='the checks cannot begin: ', raising=CommandFailed):
        from aiida.common.log import override_log_level

        from ..doctor import checks, input_checks, service_checks

    for name, check in (*service_checks.CHECKS, *input_checks.CHECKS):
        with override_log_level():  # the finding has all that the log would say
            finding = checks.make(name, check, setup)
        yield finding
