"""The programs that computed energies."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from aiida.common import LinkType
from aiida.orm import CalcFunctionNode, CalcJobNode, Dict, FolderData, WorkChainNode, load_node

from aiida_slabrelax.report.citations import VASP, programs_to_cite
from aiida_slabrelax.results.relaxations.programs import (
    describe_programs,
    program_of,
    programs_behind,
)
from aiida_slabrelax.results.slabs import collect
from aiida_slabrelax.standin.output.files import BANNER
from sample_structures import copper_slabs


def test_what_the_parser_has_recorded() -> None:
    assert program_of({'program': 'vasp', 'version': '6.4.2'}, None) == 'VASP 6.4.2'
    assert program_of({'program': 'vasp'}, None) == 'VASP'
    assert program_of({'program': 'vasp-standin', 'version': '6.5.1'}, None) == 'vasp-standin 6.5.1'
    assert program_of({'version': '6.5.1'}, None) is None
    engine = {'program': 'vasp-standin', 'engine': 'GPAW 26.7.0', 'version': '6.5.1'}
    assert program_of(engine, None) == 'GPAW 26.7.0 by vasp-standin'


def test_files_of_earlier_runs_are_read() -> None:
    folder = FolderData()
    folder.base.repository.put_object_from_filelike(io.BytesIO(f' {BANNER}\n'.encode()), 'OUTCAR')
    calculation = CalcJobNode().store()
    folder.base.links.add_incoming(calculation, LinkType.CREATE, 'retrieved')
    folder.store()
    assert program_of({'version': '6.5.1'}, calculation) == 'vasp-standin 6.5.1'


def test_a_run_with_its_program(
    instantiate: Callable[..., Any], relax: Callable[..., WorkChainNode]
) -> None:
    process = instantiate(slabs=copper_slabs(3, 4))
    relax(process, 'cu_3', program='vasp', version='6.4.2')
    results = collect(process.node)
    assert [slab.program for slab in results.slabs] == ['VASP 6.4.2', None]
    assert results.programs == ['VASP 6.4.2']


def test_the_line_on_programs() -> None:
    assert describe_programs([]) == ''
    assert describe_programs(['VASP 6.3.2', 'VASP 6.4.2']) == 'Energies by VASP 6.3.2, VASP 6.4.2.'
    assert describe_programs(['VASP 6.4.2', 'vasp-standin 6.5.1']).startswith('NOT VASP: ')


def test_engines_are_neither_vasp_nor_worthless() -> None:
    gpaw, chgnet = 'GPAW 26.7.0 by vasp-standin', 'CHGNet (chgnet 0.4.2) by vasp-standin'
    assert describe_programs([gpaw]) == f'NOT VASP: the energies come from {gpaw}.'
    mixed = describe_programs([chgnet, 'VASP 6.4.2'])
    assert mixed == (
        f'NOT VASP: the energies come from {chgnet} and VASP 6.4.2, and those of different '
        'programs or models cannot be compared.'
    )
    assert programs_to_cite([gpaw]) == [f'{gpaw}: the model and its data, as their authors ask.']
    assert programs_to_cite([chgnet, 'VASP 6.4.2'])[1:] == programs_to_cite([]) == [VASP]
    assert programs_to_cite(['vasp-standin 6.5.1']) == []


def test_surface_energies_with_their_programs(
    instantiate: Callable[..., Any], relax: Callable[..., WorkChainNode]
) -> None:
    process = instantiate(slabs=copper_slabs(3, 4))
    for label, version in (('cu_3', '6.4.2'), ('cu_4', '6.3.2')):
        relax(process, label, program='vasp', version=version)
    gather = CalcFunctionNode()
    for slab in collect(process.node).slabs:
        misc = load_node(slab.pk).outputs.misc
        gather.base.links.add_incoming(misc, LinkType.INPUT_CALC, f'misc__{slab.label}')
    gather.store()
    energies = Dict({'cu_3': -1.0, 'cu_4': -2.0})
    energies.base.links.add_incoming(gather, LinkType.CREATE, 'energies')
    energies.store()
    calculation = CalcFunctionNode()
    calculation.base.links.add_incoming(energies, LinkType.INPUT_CALC, 'energies__slabs')
    calculation.store()
    assert programs_behind(calculation) == ['VASP 6.3.2', 'VASP 6.4.2']


def test_energies_of_users_have_no_program() -> None:
    energies = Dict({'cu_3': -1.0}).store()
    calculation = CalcFunctionNode()
    calculation.base.links.add_incoming(energies, LinkType.INPUT_CALC, 'energies__slabs')
    calculation.store()
    assert programs_behind(calculation) == []
