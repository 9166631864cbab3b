"""Runs of many slabs, made as nodes, as they are after the last relaxation has ended."""

from __future__ import annotations

import io
from typing import Any

from aiida.common import LinkType
from aiida.manage import get_manager
from aiida.orm import (
    CalcFunctionNode,
    CalcJobNode,
    Computer,
    Data,
    Dict,
    FolderData,
    InstalledCode,
    ProcessNode,
    RemoteData,
    StructureData,
    WorkChainNode,
)
from ase import Atoms
from plumpy import ProcessState

#: So many slabs of each ten have failed.
FAILED = 1


def silver_phosphate_slab(layers: int = 3, stretch: float = 0.0) -> Atoms:
    """A slab of Ag3PO4 (100), 16 atoms a layer, its formula that of the bulk.

    :param stretch: along the normal, so that no slab is like another.
    """
    from ase.spacegroup import crystal

    atoms = crystal(
        ('Ag', 'P', 'O'),
        [(0.25, 0, 0.5), (0, 0, 0), (0.148, 0.148, 0.148)],
        spacegroup=218,
        cellpar=[6.12, 6.12, 6.12, 90, 90, 90],
    ).repeat((1, 1, layers))
    found = Atoms(atoms.numbers, atoms.positions, cell=atoms.cell, pbc=True)
    found.positions[:, 2] *= 1 + stretch
    found.center(vacuum=7.5, axis=2)
    return found


def make_run(code: InstalledCode, number: int, layers: int = 3) -> WorkChainNode:
    """Store a run that has cut and relaxed so many slabs, one of ten in vain."""
    relaxations: list[tuple[WorkChainNode, dict[str, Data]]] = []
    with get_manager().get_profile_storage().transaction():
        bulk = StructureData(ase=silver_phosphate_slab(1)).store()
        shared = {'parameters': Dict({'encut': 400, 'ediffg': -0.02}).store(), 'code': code}
        run: WorkChainNode = _store(
            WorkChainNode(process_type='aiida.workflows:slabrelax.relax'),
            'SlabRelaxWorkChain',
            inputs={'bulk_structure': bulk, 'vasp__code': code},
        )
        cut = _store(CalcFunctionNode(), 'generate_slabs', {'bulk_structure': bulk}, run)
        width = len(str(number - 1))
        for n in range(number):
            label = f'slab_{n:0{width}d}'
            atoms = silver_phosphate_slab(layers, 1e-4 * n)
            slab = _give(cut, StructureData(ase=atoms), f'slabs__{label}')
            failed = n % 10 >= 10 - FAILED
            relaxations.append(_relax(run, label, slab, atoms, shared, failed))
        _give(cut, Dict({}), 'terminations')
    # Each link between nodes that are stored ends a transaction.
    for relaxation, outputs in relaxations:
        if relaxation.exit_status == 0:
            for name, node in outputs.items():
                node.base.links.add_incoming(relaxation, LinkType.RETURN, name)
    return run


def _relax(
    run: WorkChainNode,
    label: str,
    slab: Data,
    atoms: Atoms,
    shared: dict[str, Data],
    failed: bool,
) -> tuple[WorkChainNode, dict[str, Data]]:
    """Store a relaxation with its calculation; return it and the outputs of the calculation."""
    inputs = {'structure': slab, **shared}
    relaxation = _store(
        WorkChainNode(process_type='aiida.workflows:vasp.v2.vasp'),
        'VaspWorkChain',
        inputs,
        run,
        label,
        500 if failed else 0,
    )
    computer: Computer = shared['code'].computer
    calculation = CalcJobNode(computer=computer, process_type='aiida.calculations:vasp.vasp')
    calculation.set_option('scheduler_stderr', '_scheduler-stderr.txt')
    calculation.set_option('scheduler_stdout', '_scheduler-stdout.txt')
    _store(
        calculation,
        'VaspCalculation',
        inputs,
        relaxation,
        'iteration_01',
        702 if failed else 0,
    )
    moved = atoms.copy()
    moved.positions[-1, 2] += 0.05
    retrieved = FolderData()
    output = b' running on 1 core\n 1 F= -.35E+03 E0= -.35E+03\n'
    retrieved.base.repository.put_object_from_filelike(io.BytesIO(output), 'vasp_output')
    outputs: dict[str, Data] = {
        'remote_folder': RemoteData(computer=computer, remote_path=f'/scratch/{label}'),
        'retrieved': retrieved,
        'misc': Dict(
            {
                'total_energies': {'energy_extrapolated': -350.0},
                'forces': [[0.0, 0.0, 0.01]] * len(atoms),
                'run_status': {
                    'finished': True,
                    'electronic_converged': True,
                    'ionic_converged': not failed,
                    'last_iteration_index': [7, 5],
                },
                'convergence': {'reason': 'forces'},
            }
        ),
        'structure': StructureData(ase=moved),
    }
    for name, node in outputs.items():
        _give(calculation, node, name)
    return relaxation, outputs


def _store(
    process: Any,
    name: str,
    inputs: dict[str, Any],
    caller: ProcessNode | None = None,
    label: str = '',
    exit_status: int = 0,
) -> Any:
    """Store a process that has finished."""
    work = isinstance(process, WorkChainNode)
    process.set_process_label(name)
    process.set_process_state(ProcessState.FINISHED)
    process.set_exit_status(exit_status)
    for link, node in inputs.items():
        kind = LinkType.INPUT_WORK if work else LinkType.INPUT_CALC
        process.base.links.add_incoming(node, kind, link)
    if caller is not None:
        kind = LinkType.CALL_WORK if work else LinkType.CALL_CALC
        process.base.links.add_incoming(caller, kind, label or name)
    return process.store()


def _give(process: ProcessNode, node: Data, label: str) -> Data:
    node.base.links.add_incoming(process, LinkType.CREATE, label)
    return node.store()
