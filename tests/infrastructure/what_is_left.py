"""What a run leaves behind: counted after every test on the services."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import psutil
from aiida.cmdline.utils.common import get_workchain_report
from aiida.manage import get_manager
from aiida.orm import CalcJobNode, ProcessNode, WorkChainNode
from plumpy import ProcessState
from process_tree import await_that, relaxations

from aiida_slabrelax.children import STILLBORN
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
    """Count the relaxations of a run that have ended, by their label and exit status.

    One that never started, because its worker died while it was made, does not count.
    """
    children = [one for one in relaxations(node) if one.process_status != STILLBORN]
    return Counter((one.label, one.exit_status) for one in children if one.is_terminated)


def assert_each_slab_once(node: WorkChainNode, labels: list[str]) -> None:
    """Check that a run has ended well and every slab of it was relaxed, none of them twice."""
    assert (node.exit_status, node.exit_message) == (0, None), stand(node)
    # A BaseRestartWorkChain whose worker died at its very end finds its outputs attached, does not
    # attach them again, and misses them: it ends with 11, and all is there.
    assert {status for _, status in ended(node)} <= {0, 11}, stand(node)
    assert Counter(label for label, _ in ended(node).elements()) == dict.fromkeys(labels, 1)
    assert [child.pk for child in relaxations(node) if not child.is_terminated] == []
    assert sorted(node.outputs.relaxed_slabs) == sorted(labels)
    assert sorted(node.outputs.slab_energies) == sorted(labels)


def was_lost(process: ProcessNode) -> bool:
    """Return whether a calculation was never sent, and its VaspWorkChain has ended without it.

    Its worker died, or the broker was away, at that moment (aiida-core #3671).
    """
    ended = process.caller is not None and process.caller.is_terminated
    is_new = process.process_state is ProcessState.CREATED
    return isinstance(process, CalcJobNode) and is_new and ended


def assert_nothing_is_left(node: ProcessNode, slurm: Slurm, may_be_lost: bool = False) -> None:
    """Check that a run and all below it have ended, and that nothing of it runs or is missing.

    A job that has just ended may stand in the queue for a moment.

    :param may_be_lost: a VaspWorkChain whose worker died while it launched a calculation launches
        another one. The first one may go on for a while, or have been lost.
    """

    def orphans() -> list[ProcessNode]:
        left = [one for one in processes(node) if not one.is_terminated]
        return [one for one in left if not (may_be_lost and was_lost(one))]

    if may_be_lost:
        await_that(lambda: orphans() == [], 60)
    assert orphans() == [], stand(node)
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
