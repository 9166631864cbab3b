"""What a run leaves behind: counted after every test on the services."""

from __future__ import annotations

from contextlib import suppress

import psutil
from aiida.manage import get_manager
from aiida.orm import CalcJobNode, Computer, ProcessNode
from plumpy import ProcessState

from infrastructure.slurm import Slurm
from process_tree import await_that, stand


def was_lost(process: ProcessNode) -> bool:
    """Return whether a calculation was never sent, and its VaspWorkChain has ended without it.

    Its worker died, or the broker was away, at that moment (aiida-core #3671).
    """
    ended = process.caller is not None and process.caller.is_terminated
    is_new = process.process_state in (None, ProcessState.CREATED)
    return isinstance(process, CalcJobNode) and is_new and ended


def assert_nothing_is_left(node: ProcessNode, slurm: Slurm, may_be_lost: bool = False) -> None:
    """Check that a run and all below it have ended, and that nothing of it runs or is missing.

    A job that has just ended may stand in the queue for a moment.

    :param may_be_lost: a VaspWorkChain whose worker died while it launched a calculation launches
        another one. The first one may go on for a while, or have been lost.
    """

    def orphans() -> list[ProcessNode]:
        left = [process for process in node.called_descendants if not process.is_terminated]
        return [process for process in left if not (may_be_lost and was_lost(process))]

    if may_be_lost:
        with suppress(AssertionError):
            await_that(lambda: orphans() == [], 60)
    assert orphans() == [], stand(node)
    await_that(lambda: slurm.jobs() == {}, 30)
    workdirs = tuple(str(computer.get_workdir()) for computer in Computer.collection.all())
    running = [
        process.info
        for process in psutil.process_iter(['pid', 'cmdline', 'cwd'])
        if any('vasp-standin' in argument for argument in process.info['cmdline'] or [])
        and (process.info['cwd'] or '').startswith(workdirs)
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
