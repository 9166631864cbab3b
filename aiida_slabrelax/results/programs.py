"""The programs that computed energies, as their output names them."""

from __future__ import annotations

from collections.abc import Iterable

from aiida.orm import CalcJobNode, Dict, FolderData, Node, ProcessNode

from ..engine.links import creator_of, inputs_of, outputs_of
from ..parsers.program import BEGINNING, STANDIN, program_in_outcar, program_in_vasprun

#: What is said of energies that the stand-in for VASP has computed.
NOT_VASP = (
    'NOT VASP: the energies come from vasp-standin, a model; they have no physical meaning for a '
    'paper'
)


def program_of(misc: Dict) -> str | None:
    """Return the program and version behind an output ``misc``: ``VASP 6.4.2``, or None.

    Before its parser recorded the program, its retrieved files are read.
    """
    content = misc.get_dict()
    program, version = content.get('program'), content.get('version')
    if program is None:
        program = _in_files(creator_of(misc))
    if program is None:
        return None
    name = 'VASP' if program == 'vasp' else str(program)
    return f'{name} {version}' if version else name


def programs_of_energies(energies: Iterable[Node]) -> list[str]:
    """Return the programs behind gathered energies, sorted; energies of users have none.

    :param energies: outputs of ``gather_energies``.
    """
    found = set()
    for energy in energies:
        creator = creator_of(energy)
        links = inputs_of(creator) if creator is not None else {}
        for name, node in links.items():
            if name.startswith('misc') and isinstance(node, Dict):
                found.add(program_of(node))
    return sorted(program for program in found if program is not None)


def is_standin(program: str | None) -> bool:
    """Return whether a program is the stand-in for VASP."""
    return program is not None and program.startswith(STANDIN)


def _in_files(process: ProcessNode | None) -> str | None:
    """Return the program that the retrieved files of a calculation name."""
    if process is None:
        return None
    nodes = outputs_of(process) if isinstance(process, CalcJobNode) else inputs_of(process)
    folder = nodes.get('retrieved')
    if not isinstance(folder, FolderData):
        return None
    names = folder.base.repository.list_object_names()
    for name, read in (('vasprun.xml', program_in_vasprun), ('OUTCAR', program_in_outcar)):
        if name in names:
            with folder.base.repository.open(name, 'rb') as file:
                text = file.read(BEGINNING).decode(errors='replace')
            if (program := read(text)) is not None:
                return program
    return None
