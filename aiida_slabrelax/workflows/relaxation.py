"""What a relaxation that has ended came to: a source of results, or a failure in words."""

from __future__ import annotations

from collections.abc import Iterator

from aiida.orm import CalcJobNode, ProcessNode, RemoteData, StructureData, WorkChainNode

#: The outputs that a relaxed slab is made of.
NEEDED = ('misc', 'structure')

#: The exit statuses by which a VaspWorkChain says that its last calculation, although it finished,
#: has not converged.
VERDICTS = (502, 503, 504, 505)


def calculations(relaxation: ProcessNode) -> list[CalcJobNode]:
    """Return the calculations of a relaxation, the last one first."""
    called = [node for node in relaxation.called if isinstance(node, CalcJobNode)]
    return sorted(called, key=lambda node: -(node.pk or 0))


def find_source(relaxation: WorkChainNode) -> ProcessNode | None:
    """Return the process whose outputs are the relaxed slab, or ``None`` if it has not relaxed.

    This is the relaxation itself, or else its last calculation, if that one succeeded and the
    VaspWorkChain failed for a reason of its own (aiida-vasp #770; or its worker died at its very
    end: it does not attach its outputs again when it is continued, and misses them).

    :param relaxation: a VaspWorkChain that has ended.
    """
    if relaxation.is_finished_ok:
        return relaxation if _has_results(relaxation) else None
    if relaxation.exit_status in VERDICTS:
        return None
    last = next(iter(calculations(relaxation)), None)
    if last is not None and last.is_finished_ok and _has_results(last):
        return last
    return None


def last_structure(relaxation: ProcessNode) -> StructureData | None:
    """Return the last geometry that the calculations of a relaxation have returned."""
    for calculation in calculations(relaxation):
        if 'structure' in calculation.outputs:
            structure: StructureData = calculation.outputs.structure
            return structure
    return None


def last_remote_folder(relaxation: ProcessNode) -> RemoteData | None:
    """Return the folder, on its computer, in which the last calculation ran."""
    for calculation in calculations(relaxation):
        if 'remote_folder' in calculation.outputs:
            folder: RemoteData = calculation.outputs.remote_folder
            return folder
    return None


def describe_end(process: ProcessNode) -> str:
    """Return how a process has ended, ``VaspWorkChain<12> failed with exit status 401: …``."""
    name = f'{process.process_label}<{process.pk}>'
    if process.is_excepted:
        lines = (process.exception or '').strip().splitlines()
        return f'{name} excepted: {lines[-1].strip() if lines else "without a message"}'
    if process.is_killed:
        return f'{name} was killed'
    if process.is_finished_ok:
        return f'{name} succeeded'
    message = f': {process.exit_message.removesuffix(".")}' if process.exit_message else ''
    return f'{name} failed with exit status {process.exit_status}{message}'


def describe_failure(relaxation: WorkChainNode) -> str:
    """Return what is wrong with a relaxation and with its last calculation."""
    return '; '.join(_failures(relaxation))


def _failures(relaxation: WorkChainNode) -> Iterator[str]:
    if relaxation.is_finished_ok:
        missing = [output for output in NEEDED if output not in relaxation.outputs]
        yield (
            f'{relaxation.process_label}<{relaxation.pk}> finished without the output '
            f'{" and ".join(missing)}'
        )
        return
    yield describe_end(relaxation)
    for calculation in calculations(relaxation)[:1]:
        if calculation.is_terminated and not calculation.is_finished_ok:
            yield f'its last {describe_end(calculation)}'


def _has_results(node: ProcessNode) -> bool:
    return all(output in node.outputs for output in NEEDED)
