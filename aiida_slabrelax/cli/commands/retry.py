"""``aiida-slabrelax retry``: run the failed slabs again, and only these."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from ..errors import CommandFailed
from ..inputs.yaml_files import read_yaml
from ..params import options
from ..params.groups import check_one, group
from ..printing import print_line, print_text
from ..runs.announcing import announce, wait_for

if TYPE_CHECKING:
    from aiida.orm import Node

    from ...workflows.slab_relax.executed import NotTrustedError


@click.command()
@click.argument('identifier', metavar='[PK|UUID]', required=False)
@group('In place of one run, all in this group that have failed; the new runs are members too.')
@click.option(
    '--overrides',
    metavar='FILE',
    help='YAML nested like the inputs; its values under `vasp` replace those of the earlier run.',
)
@click.option('--only', multiple=True, metavar='LABEL', help='Only this slab; can be repeated.')
@click.option('--label', metavar='TEXT', help='A label for the run.')
@click.option(
    '--yes',
    is_flag=True,
    help='Execute text from an imported archive or from another user without a question.',
)
@click.option('--dry-run', is_flag=True, help='Print what would be run; store nothing.')
@click.option('--wait', is_flag=True, help='Wait for the end, then print the table.')
@options.profile
def retry(
    identifier: str | None,
    group_label: str | None,
    overrides: str | None,
    only: tuple[str, ...],
    label: str | None,
    yes: bool,
    dry_run: bool,
    wait: bool,
    profile: str | None,
) -> None:
    """Run failed and unfinished slabs of a SlabRelaxWorkChain, or of surface energies, again.

    Slabs that have relaxed are taken over and not computed again; the retrieved files are read
    again first, as by `reread`. The others continue from their last geometry. The run must have
    terminated: with failures, killed or excepted. For a run of `energies` or `converge`, bulk and
    references are taken over too, and the surface energies of all slabs are computed at the end.

    An imported run contains shell text of other people. The text that the new run would execute is
    shown then, with a question; without a terminal --yes is needed.
    """
    check_one(identifier, group_label)
    if group_label is not None and (only or label):
        raise click.ClickException(f'{"--only" if only else "--label"}: not with --group')
    changes = read_yaml(overrides)
    from ..inputs.nodes import find_node, use_profile

    use_profile(profile)

    def ask(question: NotTrustedError) -> None:
        _ask(question, yes, dry_run)

    if group_label is not None:
        from ..runs.groups import retry_group

        retry_group(group_label, changes, ask, dry_run, wait)
    elif identifier is not None:
        _retry_run(find_node(identifier), changes, only, label, ask, dry_run, wait)


def _retry_run(
    node: Node,
    changes: dict[str, Any],
    only: tuple[str, ...],
    label: str | None,
    ask: Callable[[NotTrustedError], None],
    dry_run: bool,
    wait: bool,
) -> None:
    """Submit the retry of one run."""
    from ..runs import submission

    builder = submission.make_retry(node, changes, only or None, read_first=not dry_run, ask=ask)
    print_text(submission.describe_retry(builder))
    retried = builder
    if submission.has_energies(node):
        retried = submission.make_retry_of_energies(node, builder)
        print_line('Then the surface energies of all slabs are computed.')
    if label is not None:
        retried.metadata.label = label
    if dry_run:
        if lost := submission.lost_slabs(node):
            print_line(f'First the files of {", ".join(lost)} would be read again.')
        print_line('All inputs are valid; nothing was stored.')
        return
    submission.require_daemon()
    with submission.no_other_retry(builder):
        again = submission.submit_run(retried)
    announce(again)
    if wait:
        wait_for(again)


def _ask(question: NotTrustedError, yes: bool, dry_run: bool) -> None:
    """Show the text that a run would execute, and continue only if it is allowed.

    :raises click.ClickException: if there is no terminal to ask.
    :raises CommandFailed: if it is not allowed.
    """
    reasons = '; '.join(question.reasons)
    if not (yes or dry_run or sys.stdin.isatty()):
        raise click.ClickException(
            f'{reasons}: --dry-run shows what it would execute, --yes allows it'
        )
    print_line(f'{reasons}. It would execute:')
    for line in question.lines:
        print_line(f'  {line}')
    if not (yes or dry_run) and not click.confirm('Execute this?'):
        raise CommandFailed('nothing was submitted')
