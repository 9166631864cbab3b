"""The programs that computed energies, as their output names them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from aiida.orm import CalcJobNode, Dict, FolderData, Node, ProcessNode

from ...engine.links import creator_of, inputs_of, outputs_of
from ...parsers.program import (
    BEGINNING,
    BY_STANDIN,
    engine_in_outcar,
    engine_in_vasprun,
    engines_among,
    is_standin,
    program_in_outcar,
    program_in_vasprun,
)

#: What is said of energies that the stand-in for VASP has computed with a model of its own.
NOT_VASP = 'NOT VASP: the energies come from vasp-standin, a model, and must not be published.'

_FILES = (
    ('vasprun.xml', program_in_vasprun, engine_in_vasprun),
    ('OUTCAR', program_in_outcar, engine_in_outcar),
)


def program_of(misc: Mapping[str, Any], calculation: ProcessNode | None) -> str | None:
    """Return the program and version behind an output ``misc``: ``VASP 6.4.2``, or None.

    An engine behind the stand-in for VASP is ``GPAW 26.7.0 by vasp-standin``.

    :param misc: its content.
    :param calculation: the process that created it, whose retrieved files are read if its parser
        has not recorded the program.
    """
    program, engine, version = misc.get('program'), misc.get('engine'), misc.get('version')
    if program is None:
        program, engine = _in_files(calculation)
    if program is None:
        return None
    if engine is not None:
        return f'{engine}{BY_STANDIN}'
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
                found.add(program_of(node.get_dict(), creator_of(node)))
    return sorted(program for program in found if program is not None)


def programs_behind(calculation: ProcessNode) -> list[str]:
    """Return the programs behind surface energies, sorted; energies of users have none.

    :param calculation: the process that computed the surface energies from total energies.
    """
    inputs = inputs_of(calculation).items()
    return programs_of_energies(node for name, node in inputs if name.startswith('energies__'))


def programs_of_run(node: ProcessNode) -> list[str]:
    """Return the programs behind the surface energies of a run, sorted; empty if it has none."""
    output = outputs_of(node).get('surface_energies')
    maker = None if output is None else creator_of(output)
    return [] if maker is None else programs_behind(maker)


def warn_of_programs(programs: Sequence[str]) -> str:
    """Return a warning that energies are not those of VASP; empty if they are, or unknown."""
    if is_standin(programs):
        return NOT_VASP
    if not (engines := engines_among(programs)):
        return ''
    warning = f'NOT VASP: the energies come from {", ".join(engines)}.'
    if len(programs) > 1:
        others = [program for program in programs if program not in engines]
        also = f' and {", ".join(others)}' if others else ''
        warning = (
            f'NOT VASP: the energies come from {", ".join(engines)}{also}, and those of different '
            'programs or models cannot be compared.'
        )
    return warning


def describe_programs(programs: Sequence[str]) -> str:
    """Return a line on the programs that computed energies; empty if they are unknown."""
    if warning := warn_of_programs(programs):
        return warning
    return f'Energies by {", ".join(programs)}.' if programs else ''


def _in_files(process: ProcessNode | None) -> tuple[str | None, str | None]:
    """Return the program and the engine that the retrieved files of a calculation name."""
    if process is None:
        return None, None
    nodes = outputs_of(process) if isinstance(process, CalcJobNode) else inputs_of(process)
    folder = nodes.get('retrieved')
    if not isinstance(folder, FolderData):
        return None, None
    names = folder.base.repository.list_object_names()
    for name, read, read_engine in _FILES:
        if name in names:
            with folder.base.repository.open(name, 'rb') as file:
                text = file.read(BEGINNING).decode(errors='replace')
            if (program := read(text)) is not None:
                return program, read_engine(text)
    return None, None
