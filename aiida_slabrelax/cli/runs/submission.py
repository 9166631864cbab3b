"""Checks of inputs before anything is stored, and submission. Import it inside a command."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import click
from aiida.common.exceptions import AiidaException
from aiida.engine import ProcessBuilder, submit
from aiida.engine.daemon.client import get_daemon_client
from aiida.manage import get_config, get_manager
from aiida.orm import AbstractCode, Node, ProcessNode, StructureData
from aiida_vasp.utils.dict_merge import recursive_merge

from ...parsers.potentials.potential import LOCPOT
from ...results.runs import as_run
from ...workflows.refusals import REFUSALS, is_refusal
from ...workflows.slab_relax.executed import NotTrustedError
from ...workflows.slab_relax.protocols import check_overrides
from ...workflows.slab_relax.retries.rereading import lost_calculations
from ...workflows.slab_relax.retries.rivals import rival_of
from ...workflows.slab_relax.work_chain import SlabRelaxWorkChain
from ...workflows.surface_energies.retry import retry_builder
from .. import printing
from ..errors import reported
from ..tables.surface_energies import WORKFLOWS


def make_builder(
    code: AbstractCode,
    bulk: StructureData,
    miller_indices: Sequence[Any] | None,
    protocol: str | None,
    overrides: Mapping[str, Any],
    options: Mapping[str, Any],
    **inputs: Any,
) -> Any:
    """Return a builder with valid inputs.

    The parameters are those of ``get_builder_from_protocol``.

    :raises click.ClickException: if an input is not valid.
    """
    if code.with_mpi is not None:
        # The protocols of aiida-vasp ask for MPI; a code that says otherwise would refuse to run.
        options = {'withmpi': code.with_mpi, **options}
    with reported(*REFUSALS, when=is_refusal):
        builder = SlabRelaxWorkChain.get_builder_from_protocol(
            code,
            bulk,
            miller_indices=miller_indices,
            protocol=protocol,
            overrides=overrides,
            options=options,
            **inputs,
        )
        check(builder)
    return builder


def make_retry(
    node: Node,
    overrides: Mapping[str, Any],
    only: Sequence[str] | None,
    read_first: bool = True,
    ask: Callable[[NotTrustedError], None] | None = None,
) -> Any:
    """Return a builder with valid inputs that repeats the failed slabs of an earlier run.

    The parameters are those of ``get_builder_retry``.

    :param ask: called, before anything is stored, if the run would execute text that this user did
        not write here; it raises an exception to refuse.
    :raises click.ClickException: if there is nothing to repeat, or an override is not valid.
    """
    retry = SlabRelaxWorkChain.get_builder_retry
    with reported(*REFUSALS, when=is_refusal):
        try:
            builder = retry(node, overrides, only, read_first)
        except NotTrustedError as error:
            if ask is None:
                raise
            ask(error)
            builder = retry(node, overrides, only, read_first, trusted=True)
        check(builder)
    return builder


def has_energies(node: Node) -> bool:
    """Return whether a node is a run that computes surface energies."""
    return isinstance(node, ProcessNode) and node.process_type in WORKFLOWS


def make_retry_of_energies(node: Any, builder: Any) -> Any:
    """Return a builder that repeats the failed slabs and computes the surface energies of all.

    :param node: the run of surface energies.
    :param builder: the builder for its slabs.
    :raises click.ClickException: if no surface energy could be computed in the run.
    """
    with reported(ValueError):
        return retry_builder(node, builder)


@contextmanager
def no_other_retry(builder: Any) -> Iterator[None]:
    """Block other retries of this profile and user, after a check that there is none.

    Without the lock, another command could submit the same retry between this check of the database
    and the submission. The lock does not work across machines, so the work chain checks once more
    before it submits anything.

    :raises click.ClickException: if another retry runs the same slabs.
    """
    with locked('retry'):
        inputs = builder._inputs(prune=True)
        if (rival := rival_of(inputs, inputs.get('slabs', {}))) is not None:
            raise click.ClickException(f'the run was retried before: {rival}')
        yield


@contextmanager
def locked(what: str) -> Iterator[None]:
    """Block other commands of this profile and user on the same machine that do the same.

    :param what: what they do.
    """
    profile = get_manager().get_profile()
    assert profile is not None
    name = f'slabrelax-{sha256(what.encode()).hexdigest()[:16]}-{profile.uuid}.lock'
    flags = os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC
    with reported(OSError, prefix='cannot lock out other commands: '):
        lock = os.open(Path(get_config().dirpath) / name, flags, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def lost_slabs(node: Node) -> list[str]:
    """Return the labels of slabs whose files may give results if they are read again."""
    return sorted(lost_calculations(as_run(node)))


def describe_retry(builder: Any) -> str:
    """Return one line for each slab: run again (and from where), or taken over."""
    previous = builder.previous
    if not builder.slabs:
        return 'The run ended before its slabs were cut: it starts from the beginning.'
    lines = []
    for label in sorted(builder.slabs):
        if label in previous.relaxed_slabs:
            lines.append(f'{label}: taken over')
            continue
        sources = {'geometry': previous.geometries, 'folder': previous.remote_folders}
        available = [name for name, nodes in sources.items() if label in nodes]
        begin = f'its last {" and ".join(available)}' if available else 'the start'
        lines.append(f'{label}: run again from {begin}')
    return printing.lines(lines)


def check_file(overrides: Mapping[str, Any], path: str | None) -> None:
    """Check the names in a file of overrides.

    :raises click.ClickException: if nothing reads one; the message has the most similar name.
    """
    problem = check_overrides(overrides, SlabRelaxWorkChain.spec().inputs)
    if problem is not None:
        raise click.ClickException(f'{path}: {problem}')


def with_family(overrides: Mapping[str, Any], family: str | None) -> dict[str, Any]:
    """Return the overrides with the family of potentials, if one is given."""
    if family is None:
        return dict(overrides)
    return dict(recursive_merge(dict(overrides), {'vasp': {'potential_family': family}}))


def with_locpot(overrides: Mapping[str, Any], wanted: bool) -> dict[str, Any]:
    """Return the overrides with LOCPOT among the files that are read and deleted, if wanted."""
    if not wanted:
        return dict(overrides)
    name = 'ADDITIONAL_RETRIEVE_TEMPORARY_LIST'
    files = ((overrides.get('vasp') or {}).get('settings') or {}).get(name, [])
    settings = {name: [*files, *([] if LOCPOT in files else [LOCPOT])]}
    return dict(recursive_merge(dict(overrides), {'vasp': {'settings': settings}}))


def check(builder: ProcessBuilder) -> None:
    """Validate all inputs together, as the engine does before it stores anything.

    :raises ValueError: if they are not valid.
    """
    ports = SlabRelaxWorkChain.spec().inputs
    problem = ports.validate(ports.pre_process(builder._inputs(prune=True)))
    if problem is not None:
        raise ValueError(problem)


def require_daemon() -> None:
    """Make sure that the daemon of the profile answers.

    :raises click.ClickException: if it does not.
    """
    client = get_daemon_client()
    if not client.is_daemon_running:
        raise click.ClickException('the daemon is not running: `verdi daemon start` starts it')
    with reported(AiidaException):
        client.get_status()


def submit_run(builder: ProcessBuilder) -> ProcessNode:
    """Submit, and return the node of the run.

    :raises click.ClickException: if the inputs are not valid or the broker cannot be reached.
    """
    with reported(*REFUSALS, when=is_refusal):
        return submit(builder)
