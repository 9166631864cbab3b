"""Runs that are submitted as members of a group. Import it inside a command: it imports aiida."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from difflib import get_close_matches
from typing import Any

import click
from aiida.engine.daemon.client import DaemonException, get_daemon_client
from aiida.manage import get_config_option
from aiida.orm import Group, ProcessNode, QueryBuilder, WorkChainNode

from ...engine import shared_window
from ...engine.enrolment import NotSentError, submit_into, take_up
from ...results.groups import GroupResults, chains_in, collect_group, runs_of
from ...workflows.refusals import REFUSALS, is_refusal
from ...workflows.slab_relax.executed import NotTrustedError
from ...workflows.slab_relax.same_inputs import SameInputs, SharedInputs
from ..errors import CommandFailed, reported, shorten
from ..printing import print_line, print_text
from . import submission

#: The slots that a relaxation needs, for its VaspWorkChain and its VaspCalculation.
_SLOTS_OF_A_SLAB = 2


def find_group(label: str) -> Group:
    """Return the group with this label.

    :raises click.ClickException: if there is none.
    """
    query = QueryBuilder().append(Group, filters={'label': label, 'type_string': 'core'})
    group: Group | None = query.first(flat=True)
    if group is not None:
        return group
    labels = QueryBuilder().append(Group, filters={'type_string': 'core'}, project='label')
    nearest = get_close_matches(label, labels.all(flat=True), n=1)
    hint = f', did you mean {nearest[0]!r}?' if nearest else '; `verdi group list` shows yours'
    raise click.ClickException(f'--group: there is no group {shorten(label)!r}{hint}')


def find_results(label: str) -> GroupResults:
    """Return the results of the runs in a group.

    :raises click.ClickException: if there is no such group, or no run in it.
    """
    with reported(ValueError):
        return collect_group(find_group(label))


def submit_all(label: str, builders: Sequence[Any], limit: int | None) -> Group:
    """Submit runs as members of a group, but for those with the inputs of a member.

    Interrupted and called again, it goes on where it was.

    :param label: of the group, which is made if it does not exist.
    :param limit: how many relaxations of the group may run at a time; None leaves that of the
        group, or there is no limit.
    :raises click.ClickException: if the workers have too few slots.
    :raises CommandFailed: if the broker cannot be reached.
    """
    with submission.locked(f'group-{label}'):
        group, _ = Group.collection.get_or_create(label=label)
        with _broker():
            for node in take_up(group):
                print_line(f'{node.label or node.pk}: sent again, its submission was cut off')
        members = runs_of(group)
        same, new, known = SameInputs(members), [], 0
        for builder in builders:
            if same.repeats(builder):
                print_line(f'{builder.metadata.label}: the same as a crystal before it')
            elif (pk := same.find(builder)) is None:
                new.append(builder)
            else:
                known += 1
                print_line(
                    f'{builder.metadata.label}: in the group already, SlabRelaxWorkChain<{pk}>'
                )
        limit = limit or shared_window.read(label).limit
        if limit is not None:
            check_slots(len(new) + sum(not node.is_terminated for node in members.values()), limit)
            shared_window.set_limit(label, limit)
        shared = SharedInputs()
        for builder in new:
            if limit is not None:
                builder.window, builder.max_concurrent = label, limit
            shared.fill(builder)
            node = submit_member(group, builder)
            print_line(f'{builder.metadata.label}: submitted SlabRelaxWorkChain<{node.pk}>')
    print_line(
        f'{len(new)} of {len(builders)} crystals submitted, {known} in the group {label} before'
        + ('' if limit is None else f'; at most {limit} relaxations at a time')
    )
    print_text(f'To follow them:\n  aiida-slabrelax show --group {label}')
    return group


def submit_member(group: Group, builder: Any) -> ProcessNode:
    """Submit a run as a member of a group.

    :raises click.ClickException: if its inputs are not valid.
    :raises CommandFailed: if the broker cannot be reached.
    """
    with reported(*REFUSALS, when=is_refusal), _broker():
        return submit_into(group, builder)


def _broker() -> AbstractContextManager[None]:
    return reported(NotSentError, raising=CommandFailed, prefix='the broker cannot be reached: ')


def check_slots(runs: int, limit: int) -> None:
    """Make sure that the workers have slots for runs and so many relaxations.

    Runs that wait keep their slots: if they had all, no relaxation could run.

    :raises click.ClickException: if they have not.
    """
    with reported(DaemonException):
        workers = get_daemon_client().get_worker_info(timeout=15).get('info', {})
    of_a_worker = get_config_option('daemon.worker_process_slots')
    slots, needed = of_a_worker * len(workers), runs + _SLOTS_OF_A_SLAB * limit
    if needed > slots:
        more = math.ceil((needed - slots) / of_a_worker)
        raise click.ClickException(
            f'{runs} runs with {limit} relaxations at a time need {needed} slots, and the daemon '
            f'has {slots}: `verdi daemon incr {more}`'
        )


def wait_for_group(group: Group) -> None:
    """Wait for the end of all runs in a group and print their table; Ctrl-C does not affect them.

    :raises click.exceptions.Exit: with status 1, if one has failed.
    :raises CommandFailed: after Ctrl-C.
    """
    from ..tables.groups import as_text

    try:
        while any(not run.is_sealed for chain in chains_in(group) for run in chain):
            time.sleep(2)
    except KeyboardInterrupt as error:
        raise CommandFailed('no longer waiting; the runs continue') from error
    results = collect_group(group)
    print_text(f'\n{as_text(results)}')
    if any(crystal.last.exit_status != 0 for crystal in results.crystals):
        raise click.exceptions.Exit(1)


def retry_group(
    label: str,
    changes: Mapping[str, Any],
    ask: Callable[[NotTrustedError], None],
    dry_run: bool,
    wait: bool,
) -> None:
    """Run the failed slabs of all crystals of a group again, each in a run that is a member too.

    :param changes: to the inputs ``vasp``.
    :param ask: called if a run would execute text that this user did not write here.
    :raises click.ClickException: if there is nothing to run again, or a run cannot be retried,
        after a line for each of these; nothing was submitted then.
    """
    group = find_group(label)
    failed, active = failed_in(group)
    for run in active:
        print_line(f'{run.label or run.pk}: SlabRelaxWorkChain<{run.pk}> has not ended')
    if not failed:
        raise click.ClickException(f'no run of the group {label} has failed')
    builders, wrong = [], 0
    for run in failed:
        try:
            builder = submission.make_retry(run, changes, None, not dry_run, ask)
        except click.ClickException as error:
            wrong += 1
            print_line(f'{run.label or run.pk}: {error.message}', error=True)
            continue
        builder.metadata.label = run.label
        print_line(f'{run.label or run.pk}:')
        print_text(submission.describe_retry(builder))
        builders.append(builder)
    if wrong:
        raise click.ClickException(
            f'{wrong} of {len(failed)} runs cannot be retried; nothing was submitted'
        )
    if dry_run:
        print_line('All inputs are valid; nothing was stored.')
        return
    submission.require_daemon()
    for builder in builders:
        with submission.no_other_retry(builder):
            node = submit_member(group, builder)
        print_line(f'{builder.metadata.label}: submitted SlabRelaxWorkChain<{node.pk}>')
    print_text(f'To follow them:\n  aiida-slabrelax show --group {label}')
    if wait:
        wait_for_group(group)


def failed_in(group: Group) -> tuple[list[WorkChainNode], list[WorkChainNode]]:
    """Return the last runs of crystals that have failed, and those that have not ended.

    :raises click.ClickException: if there is no run in the group.
    """
    last = [chain[-1] for chain in chains_in(group)]
    if not last:
        raise click.ClickException(f'there is no SlabRelaxWorkChain in the group {group.label}')
    active = [run for run in last if not run.is_terminated]
    return [run for run in last if run.is_terminated and run.exit_status != 0], active
