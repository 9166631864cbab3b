"""The programs that computed energies."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from aiida.common import LinkType
from aiida.orm import CalcJobNode, FolderData, WorkChainNode

from aiida_slabrelax.results.programs import describe_programs, program_of
from aiida_slabrelax.results.slabs import collect
from aiida_slabrelax.standin.output.files import BANNER
from sample_structures import copper_slabs


def test_what_the_parser_has_recorded() -> None:
    assert program_of({'program': 'vasp', 'version': '6.4.2'}, None) == 'VASP 6.4.2'
    assert program_of({'program': 'vasp'}, None) == 'VASP'
    assert program_of({'program': 'vasp-standin', 'version': '6.5.1'}, None) == 'vasp-standin 6.5.1'
    assert program_of({'version': '6.5.1'}, None) is None


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
