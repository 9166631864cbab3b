"""Relaxations that have failed, with the files that VASP and the machine have left."""

from __future__ import annotations

import io
from typing import Any

from aiida.common import LinkType
from aiida.orm import CalcJobNode, Computer, Dict, FolderData, StructureData, WorkChainNode
from plumpy import ProcessState

INCAR = {'ibrion': 2, 'nsw': 60, 'ediff': 1e-5, 'ediffg': -0.05, 'algo': 'Fast'}
ZBRENT = ' ZBRENT: fatal error in bracketing\n     please rerun with smaller EDIFF\n'
TIME_LIMIT = 'slurmstepd: error: *** JOB 1 ON n1 CANCELLED AT 10:00 DUE TO TIME LIMIT ***\n'
MAGNETIZATION = {'sphere': {'x': {'site_moment': {'1': {'tot': 2.1}, '2': {'tot': -1.9}}}}}


def shifted(slab: StructureData, height: float = 0.1) -> StructureData:
    """The slab with its last atom moved up (Å)."""
    atoms = slab.get_ase()
    atoms.positions[-1, 2] += height
    return StructureData(ase=atoms)


def fail_calculation(
    caller: WorkChainNode | None,
    computer: Computer,
    structure: StructureData,
    files: dict[str, str],
    incar: dict[str, Any] | None = None,
    exit_status: int = 703,
    misc: dict[str, Any] | None = None,
    reached: StructureData | None = None,
    state: ProcessState = ProcessState.FINISHED,
    resources: dict[str, int] | None = None,
) -> CalcJobNode:
    """Store a calculation that has ended so.

    :param files: the texts of the retrieved files by name.
    :param reached: its output structure.
    """
    node = CalcJobNode(computer=computer, process_type='aiida.calculations:vasp.vasp')
    node.set_process_label('VaspCalculation')
    node.set_option('scheduler_stderr', '_scheduler-stderr.txt')
    node.set_option('scheduler_stdout', '_scheduler-stdout.txt')
    if resources is not None:
        node.set_option('resources', resources)
    inputs = {'structure': structure, 'parameters': Dict(INCAR if incar is None else incar)}
    for name, data in inputs.items():
        node.base.links.add_incoming(data.store(), LinkType.INPUT_CALC, name)
    if caller is not None:
        node.base.links.add_incoming(caller, LinkType.CALL_CALC, 'iteration_01')
    node.set_process_state(state)
    node.set_exit_status(exit_status)
    node.store()
    retrieved = FolderData()
    for name, text in files.items():
        retrieved.base.repository.put_object_from_filelike(io.BytesIO(text.encode()), name)
    outputs = {
        'retrieved': retrieved,
        'misc': Dict(misc) if misc is not None else None,
        'structure': reached,
    }
    for name, output in outputs.items():
        if output is not None:
            output.base.links.add_incoming(node, LinkType.CREATE, name)
            output.store()
    return node


def fail_relaxation(
    run: WorkChainNode,
    label: str,
    structure: StructureData,
    incar: dict[str, Any] | None = None,
    state: ProcessState = ProcessState.FINISHED,
    exit_status: int = 501,
) -> WorkChainNode:
    """Store a VaspWorkChain that has failed; its calculations are to follow."""
    node = WorkChainNode(process_type='aiida.workflows:vasp.v2.vasp')
    node.set_process_label('VaspWorkChain')
    inputs = {
        'structure': structure,
        'parameters': Dict({'incar': INCAR if incar is None else incar}),
    }
    for name, data in inputs.items():
        node.base.links.add_incoming(data.store(), LinkType.INPUT_WORK, name)
    node.base.links.add_incoming(run, LinkType.CALL_WORK, label)
    node.set_process_state(state)
    node.set_exit_status(exit_status)
    return node.store()
