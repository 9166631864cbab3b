"""What a run leaves behind: counted after every test on the services."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import psutil
from aiida.cmdline.utils.common import get_workchain_report
from aiida.manage import get_manager
from aiida.orm import CalcJobNode, Node, ProcessNode, QueryBuilder, WorkChainNode
from process_tree import await_that, relaxations

from infrastructure.slurm import Slurm


def processes(node: ProcessNode) -> Iterator[ProcessNode]:
    """All processes below a run."""
    for child in node.called:
        yield child
        yield from processes(child)


def stand(node: ProcessNode) -> str:
    """Say where a run and the processes below it stand."""
    lines = [
        f'{one.pk} {one.process_label} {one.label} {one.process_state} {one.exit_status}'
        f' {one.process_status or ""}'
        for one in [node, *processes(node)]
    ]
    return '\n'.join([*lines, get_workchain_report(node, 'REPORT')])


def await_end(node: ProcessNode, timeout: float = 240.0) -> None:
    """Wait until a run has ended; an error that says where it stands after so many seconds."""
    try:
        await_that(lambda: bool(node.is_sealed), timeout)
    except AssertionError as error:
        raise AssertionError(f'{error}\n{stand(node)}') from error


def ended(node: WorkChainNode) -> Counter[tuple[str, int | None]]:
    """Count the relaxations of a run that have ended, by their label and exit status."""
    children = relaxations(node)
    return Counter((one.label, one.exit_status) for one in children if one.is_terminated)


def each_once(node: WorkChainNode, exit_status: int = 0) -> bool:
    """Return whether every relaxation has ended, no slab has two, and all have an exit status."""
    labels = (
        node.outputs.generated_slabs if 'generated_slabs' in node.outputs else node.inputs.slabs
    )
    return ended(node) == {(label, exit_status): 1 for label in labels}


def assert_nothing_is_left(node: ProcessNode, slurm: Slurm) -> None:
    """Check that a run and all below it have ended, and that nothing of it runs or is lost.

    A job that has just ended may stand in the queue for a moment.
    """
    orphans = [one for one in processes(node) if not one.is_terminated]
    assert orphans == [], stand(node)
    await_that(lambda: slurm.jobs() == {}, 30)
    running = [
        one.info
        for one in psutil.process_iter(['pid', 'cmdline'])
        if any('vasp-standin' in argument for argument in one.info['cmdline'] or [])
    ]
    assert running == []
    assert_storage_is_sound()


def assert_storage_is_sound() -> None:
    """Check every object of the repository against its hash, and that none is missing.

    ``verdi storage integrity`` has no checks of its own in aiida-core 2.9.
    """
    storage = get_manager().get_profile_storage()
    storage.get_unreferenced_keyset(check_consistency=True)  # raises if an object is missing
    with storage.get_repository()._container as container:
        issues = container.validate()
    assert issues.is_valid(), issues


def unsealed(kind: type[Node] = CalcJobNode) -> list[Node]:
    """All processes of a kind in the whole database that are not sealed."""
    query = QueryBuilder().append(kind)
    return [node for node in query.all(flat=True) if not node.is_sealed]
