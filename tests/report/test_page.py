"""What the page says."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from aiida.common.links import LinkType
from aiida.orm import (
    CalcFunctionNode,
    CalcJobNode,
    Computer,
    Dict,
    InstalledCode,
    Int,
    StructureData,
    WorkChainNode,
)
from plumpy import ProcessState

from aiida_slabrelax.report import write_page
from aiida_slabrelax.report.citations import CITATIONS
from failed_relaxations import INCAR, ZBRENT, fail_calculation, fail_relaxation
from large_runs import make_run
from sample_structures import copper_slab, copper_slabs

SCRIPT = '<script>alert("&")</script>'


#: The attributes with which a page refers to something else.
ADDRESSES = 'src', 'srcset', 'href', 'action'


class Reader(HTMLParser):
    """The tags of a page, the texts of some, and the addresses that it has."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.cells: dict[str, list[list[str]]] = {}
        self._table, self._within = '', False
        self.texts: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        found = dict(attributes)
        self.addresses += [found[name] or '' for name in ADDRESSES if name in found]
        if tag == 'table':
            self._table = found.get('class') or ''
            self.cells.setdefault(self._table, [])
        if tag == 'tr':
            self.cells[self._table].append([])
        if tag in ('td', 'th'):
            self._within = True
            self.cells[self._table][-1].append('')

    def handle_endtag(self, tag: str) -> None:
        self._within = self._within and tag not in ('td', 'th')

    def handle_data(self, data: str) -> None:
        self.texts.append(data)
        if self._within:
            self.cells[self._table][-1][-1] += data

    @property
    def text(self) -> str:
        return ' '.join(' '.join(self.texts).split())


@pytest.fixture(scope='module')
def failed(
    instantiate_for_all: Callable[..., Any],
    relax: Callable[..., WorkChainNode],
    end_relaxation: Callable[..., WorkChainNode],
    end_calculation: Callable[..., CalcJobNode],
    end_run: Callable[..., WorkChainNode],
) -> WorkChainNode:
    """A run of two slabs, one of which has failed."""
    process = instantiate_for_all(slabs=copper_slabs(3, 4))
    process.node.label = process.node.description = SCRIPT
    relax(process, 'cu_3', energy=-3.5)
    relaxation = end_relaxation(process, 'cu_4', exit_status=401, exit_message=SCRIPT)
    misc = Dict({'total_energies': {'energy_extrapolated': -9.25}})
    end_calculation(
        relaxation,
        misc,
        copper_slab(4),
        exit_status=702,
        exit_message='Ions not converged.',
        remote_path='/scratch/ab/cd',
    )
    return end_run(process)


@pytest.fixture(scope='module')
def failed_page(failed: WorkChainNode) -> str:
    return write_page(failed)


def test_text_of_the_database_is_escaped(failed_page: str) -> None:
    assert SCRIPT not in failed_page
    reader = Reader(failed_page)
    assert reader.tags.count('script') == 2  # the structures and the viewer
    assert reader.text.count('<script>alert("&")</script>') >= 3  # label, description, failure


def test_a_failure_has_its_name_advice_and_last_lines(
    instantiate: Callable[..., Any], end_run: Callable[..., WorkChainNode], localhost: Computer
) -> None:
    process = instantiate(slabs=copper_slabs(3), rescue=False)
    files = {'vasp_output': f' <b>\n{ZBRENT}'}
    for incar in (INCAR, {**INCAR, 'ibrion': 1}):
        relaxation = fail_relaxation(process.node, 'cu_3', copper_slab(3), incar)
        fail_calculation(relaxation, localhost, copper_slab(3), files, incar)
    process.ctx.relaxations['cu_3'] = relaxation
    page = write_page(end_run(process))
    text = Reader(page).text
    assert 'ZBRENT : the line search' in text
    assert 'Last lines: <b> ZBRENT: fatal error in bracketing please rerun' in text
    assert 'cu_3 was rescued: ZBRENT; again with IBRION = 1.' in text


def test_nothing_is_loaded(failed_page: str) -> None:
    addresses = Reader(failed_page).addresses
    assert len(addresses) == 4  # each figure for a telephone, too
    assert all(address.startswith('data:image/') for address in addresses)
    begins = [b64decode(address.partition(',')[2])[:5] for address in addresses]
    assert begins == [b'\x89PNG\r', b'\x89PNG\r', b'<?xml', b'<?xml']
    assert len(set(addresses)) == 4
    assert '@import' not in failed_page
    assert 'url(' not in failed_page


def test_the_table_has_a_unit_for_every_quantity(failed_page: str) -> None:
    headings, *rows = Reader(failed_page).cells['slabs']
    assert headings == [
        'label',
        'state',
        'plane',
        'outermost layers',
        'symmetric',
        'stoichiometric',
        'polar',
        "Tasker's type",
        'broken bonds (1/Å²)',
        'formula',
        'atoms',
        'thickness (Å)',
        'area (Å²)',
        'energy (eV)',
        'largest force (eV/Å)',
        'converged',
        'ionic steps',
        'pk',
        'exit status',
    ]
    table = {row[0]: dict(zip(headings, row, strict=True)) for row in rows}
    assert table['cu_3']['energy (eV)'] == '-3.5000'
    assert table['cu_4']['state'] == 'failed'
    assert table['cu_4']['energy (eV)'] == '–'


def test_every_input_that_is_a_number_has_a_unit(failed_page: str) -> None:
    headings, *rows = Reader(failed_page).cells['inputs']
    assert headings == ['input', 'value', 'unit']
    numbers = [row for row in rows if re.fullmatch(r'-?[\d.e-]+', row[1])]
    assert numbers
    assert [row for row in numbers if not row[2]] == []
    assert ['vasp.parameters.incar.encut', '400', 'eV'] in rows


def test_a_failure_lists_its_last_results(failed: WorkChainNode, failed_page: str) -> None:
    text = Reader(failed_page).text
    child = failed.base.links.get_outgoing().get_node_by_label('cu_4')
    calculation = child.called[0]
    assert f'VaspWorkChain<{child.pk}> failed with exit status 401' in text
    assert f'last calculation {calculation.pk}' in text
    assert text.count('Ions not converged') == 1
    assert 'last energy -9.2500 eV' in text
    assert 'files in localhost-test:/scratch/ab/cd' in text


def test_the_provenance(failed: WorkChainNode, failed_page: str) -> None:
    reader = Reader(failed_page)
    headings, first, *others = reader.cells['processes']
    root = dict(zip(headings, first, strict=True))
    assert root['process'] == 'SlabRelaxWorkChain'
    assert (root['pk'], root['uuid']) == (str(failed.pk), failed.uuid)
    assert root['exit status'] == str(failed.exit_status)
    assert {row[0] for row in others} >= {'VaspWorkChain', 'VaspCalculation'}
    assert {row[1] for row in others} == {str(node.pk) for node in failed.called_descendants}
    assert failed.inputs.vasp.code.uuid in reader.text
    assert 'aiida-core 2.' in reader.text


def test_an_active_run_shows_its_results_so_far(
    instantiate: Callable[..., Any], relax: Callable[..., WorkChainNode]
) -> None:
    process = instantiate(slabs=copper_slabs(3, 4))
    relax(process, 'cu_3')
    process.node.set_process_state(ProcessState.WAITING)
    reader = Reader(write_page(process.node))
    assert [row[:2] for row in reader.cells['slabs'][1:]] == [
        ['cu_3', 'relaxed'],
        ['cu_4', 'waiting'],
    ]
    assert 'The process is still active: this page shows its state' in reader.text
    assert 'None so far.' in reader.text


def test_the_cost(instantiate: Callable[..., Any], relax: Callable[..., WorkChainNode]) -> None:
    process = instantiate(slabs=copper_slabs(1, 2))
    assert 'costs' not in Reader(write_page(process.node)).cells
    steps = {'last_iteration_index': [7, 12]}
    relax(process, 'cu_1', cost={'seconds': 900.0, 'cores': 8}, run_status=steps)
    reader = Reader(write_page(process.node))
    assert reader.cells['costs'] == [
        ['part', 'stage', 'calculations', 'core-hours', 'ionic steps', 'electronic steps'],
        ['cu_1', 'relaxation', '1', '2.00', '7', '–'],
    ]
    assert (
        '2.00 core-hours, 7 ionic and an unknown number of electronic steps in 1 calculation; not '
        'all is known of 1 of them.'
    ) in reader.text


def test_a_run_without_slabs(instantiate: Callable[..., Any]) -> None:
    reader = Reader(write_page(instantiate().node))
    assert 'No slabs (yet).' in reader.text
    assert 'canvas' not in reader.tags


def test_surface_energies(phosphate_energies: Callable[[], CalcFunctionNode]) -> None:
    node = phosphate_energies()
    reader = Reader(write_page(node))
    assert 'Ag₃PO₄' in reader.text
    headings, first, *_ = reader.cells['energies']
    assert headings == [
        'label',
        'plane',
        'outermost layers',
        'symmetric',
        'stoichiometric',
        'polar',
        'tasker',
        'broken bonds (1/Å²)',
        'formula',
        'thickness (Å)',
        'area (Å²)',
        'γ₀ (J/m²)',
        'γ₀ (eV/Å²)',
        'slope of Δμ(P) (1/Å²)',
        'slope of Δμ(O) (1/Å²)',
        'eliminated',
        'faces',
    ]
    energy = node.outputs.surface_energies.get_dict()['slab_00']
    assert first[:6] == ['slab_00', '(100)', 'Ag/O2', 'yes', 'no', 'no']
    assert first[11:13] == [
        f'{energy["constant"]["J/m²"]:.3f}',
        f'{energy["constant"]["eV/Å²"]:.5f}',
    ]
    assert reader.cells['cleavages'][0] == ['faces', 'energy (J/m²)', 'energy (eV/Å²)']
    assert len(reader.addresses) == 2 * 3  # γ(Δμ), the map and the shape
    assert energy['source'] in reader.text


def test_a_workflow_that_called_a_run(failed: WorkChainNode) -> None:
    parent = WorkChainNode()
    parent.set_process_label('surface_energies')
    parent.store()
    child = WorkChainNode(process_type='aiida.workflows:slabrelax.relax')
    child.set_process_label('SlabRelaxWorkChain')
    child.base.links.add_incoming(parent, LinkType.CALL_WORK, 'relax')
    child.store()
    text = Reader(write_page(parent)).text
    assert f'Slabs of SlabRelaxWorkChain {child.pk}' in text


def test_a_page_of_many_slabs_says_what_its_figures_leave_out(
    vasp_code: InstalledCode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr('aiida_slabrelax.plots.slabs.MOST_SLABS', 4)
    monkeypatch.setattr('aiida_slabrelax.plots.relaxation.MOST_DIAGRAMS', 3)
    run = make_run(vasp_code, 6, layers=1)
    page = write_page(run)
    reader = Reader(page)
    assert len(reader.cells['slabs']) == 7
    assert (
        '4 of 6 slabs are drawn here: slab_0 to slab_3. Others: '
        f'`aiida-slabrelax plot slabs {run.pk} --slab LABEL`, and under Structures.'
    ) in reader.text
    assert (
        '3 of 6 slabs are drawn here: slab_0 to slab_2. Others: '
        f'`aiida-slabrelax plot relaxation {run.pk} --slab LABEL`.'
    ) in reader.text
    models = json.loads(page.partition('id="models">')[2].partition('</script>')[0])
    assert len(models['slabs']) == 6


def test_a_structure_that_is_no_crystal_is_named(
    instantiate: Callable[..., Any], end_relaxation: Callable[..., WorkChainNode]
) -> None:
    process = instantiate(slabs=copper_slabs(3, 4))
    misc = Dict({'total_energies': {'energy_extrapolated': -1.0}})
    flat = StructureData(cell=[[1e-5, 0, 0], [0, 3, 0], [0, 0, 20]])
    for height in (0, 2, 4):
        flat.append_atom(symbols='Cu', position=(0, 0, height))
    end_relaxation(process, 'cu_3', misc, flat)
    end_relaxation(process, 'cu_4', misc, copper_slab(4))
    page = write_page(process.node)
    flaw = 'a vector of its cell is 1e-05 Å long, not 0.5 to 1000'
    assert f'Cannot be drawn: cu_3: {flaw}.' in Reader(page).text
    models = json.loads(page.partition('id="models">')[2].partition('</script>')[0])
    first, _ = models['slabs']
    assert first['views'][1] == {'name': 'after', 'flaw': flaw}


def test_an_exception_is_shown_as_text(instantiate: Callable[..., Any]) -> None:
    node = instantiate(slabs=copper_slabs(3)).node
    node.set_process_state(ProcessState.EXCEPTED)
    node.set_exception(f'ValueError: {SCRIPT}')
    page = write_page(node)
    assert SCRIPT not in page
    assert f'ValueError: {SCRIPT}' in Reader(page).text


def test_what_has_no_page() -> None:
    number = Int(1).store()
    with pytest.raises(ValueError, match=f'node {number.pk} is a Int, not a process'):
        write_page(number)
    other = CalcFunctionNode()
    other.set_process_label('add')
    other.store()
    with pytest.raises(ValueError, match=f'add<{other.pk}> is not a SlabRelaxWorkChain'):
        write_page(other)


def test_what_to_cite_is_that_of_the_citation_file(failed_page: str) -> None:
    text = (Path(__file__).parents[2] / 'CITATION.cff').read_text('utf-8')
    identifiers = re.findall(r'doi: (\S+)', text)
    assert len(identifiers) == 2
    page = Reader(failed_page).text
    for identifier in identifiers:
        assert identifier in page
    assert all(' '.join(one.split()) in page for one in CITATIONS)


@pytest.mark.parametrize(
    ('recorded', 'name', 'banners', 'cited'),
    [
        ({'program': 'vasp'}, 'VASP 6.4.2', 0, True),
        ({'program': 'vasp-standin'}, 'vasp-standin 6.4.2', 1, False),
        (
            {'program': 'vasp-standin', 'engine': 'GPAW (gpaw 26.7.0)'},
            'GPAW (gpaw 26.7.0) by vasp-standin',
            1,
            False,
        ),
    ],
)
def test_energies_that_are_not_from_vasp_have_a_banner(
    instantiate: Callable[..., Any],
    relax: Callable[..., WorkChainNode],
    end_run: Callable[..., WorkChainNode],
    recorded: dict[str, str],
    name: str,
    banners: int,
    cited: bool,
) -> None:
    process = instantiate(slabs=copper_slabs(1))  # no distances of layers to draw
    relax(process, 'cu_1', **recorded, version='6.4.2')
    page = write_page(end_run(process))
    assert page.count('class="banner"') == banners
    assert ('VASP, as its licence asks' in page) is cited
    assert f'The energies were computed by {name}.' in page
    assert ('a model, and must not be published' in page) is (name == 'vasp-standin 6.4.2')
