"""The report of a job, in a real browser without a network."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable
from itertools import product
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from aiida.orm import Dict, Group, Node, StructureData, WorkChainNode
from plumpy import ProcessState
from selenium.webdriver import ActionChains, Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from aiida_slabrelax.report import write_group_page, write_page
from browser_page import Page
from hostile_archive import HOSTILE
from sample_structures import copper_slabs

JOBS = 'finished', 'failed', 'running', 'energies', 'group'
WIDTHS = 1280, 400


@pytest.fixture
def jobs(
    instantiate: Callable[..., Any],
    relax: Callable[..., WorkChainNode],
    end_relaxation: Callable[..., WorkChainNode],
    end_run: Callable[..., WorkChainNode],
    phosphate_energies: Callable[[], Node],
) -> Callable[[str], Node]:
    """Return a function that makes the node of a job in one of its states."""

    def make(state: str) -> Node:
        if state == 'energies':
            return phosphate_energies()
        process = instantiate(slabs=copper_slabs(3, 4, 5))
        process.node.label = 'Copper <b>(100)</b>'
        process.node.description = f'<script>document.title = "taken over"</script>{HOSTILE}'
        relax(process, 'cu_3')
        if state == 'running':
            process.node.set_process_state(ProcessState.WAITING)
            return process.node
        for label in ('cu_4', 'cu_5'):
            if state == 'failed':
                end_relaxation(
                    process, label, exit_status=401, exit_message=f'Not <i>converged</i>.{HOSTILE}'
                )
            else:
                relax(process, label)
        return end_run(process)

    return make


@pytest.fixture(params=JOBS)
def written(request: pytest.FixtureRequest, jobs: Any, tmp_path: Path) -> Path:
    path = tmp_path / f'{request.param}.html'
    if request.param == 'group':
        group = Group(label=str(tmp_path)).store()
        group.add_nodes([jobs('failed'), jobs('running')])
        path.write_text(write_group_page(group), 'utf-8')
    else:
        path.write_text(write_page(jobs(request.param)), 'utf-8')
    return path


@pytest.fixture(params=WIDTHS)
def page(request: pytest.FixtureRequest, written: Path, chrome: Chrome) -> Page:
    return Page(chrome, written, request.param)


def test_it_looks_right_without_a_network(page: Page, written: Path) -> None:
    assert page.run('window.innerWidth') == page.width
    assert page.run('document.documentElement.scrollWidth') <= page.width
    broken = '[...document.images].filter((one) => !(one.complete && one.naturalWidth)).length'
    has_figures = written.stem != 'group'
    assert (page.run('document.images.length') > 0) == has_figures
    cut = (
        "[...document.querySelectorAll('.wide')].filter((one) => one.scrollWidth > one.clientWidth)"
    )
    assert page.run(f'{cut}.map((one) => one.firstChild.className)') == []
    assert page.run(broken) == 0
    assert 'taken over' not in page.chrome.title
    assert 'owned' not in page.chrome.title

    canvas = page.chrome.find_element(By.ID, 'canvas')
    page.run("document.getElementById('canvas').scrollIntoView({block: 'center'})")
    before = page.picture()
    ActionChains(page.chrome).move_to_element(canvas).click_and_hold().move_by_offset(
        60, 25
    ).release().perform()
    dragged = page.picture()
    assert dragged != before
    ActionChains(page.chrome).move_by_offset(20, 20).perform()
    assert page.picture() == dragged  # the mouse has let go
    canvas.send_keys(Keys.ARROW_LEFT)
    assert page.picture() != dragged

    assert page.requests() == [page.uri]
    assert page.messages() == []
    shot = page.command('Page.captureScreenshot', format='png', captureBeyondViewport=True)
    written.with_suffix(f'.{page.width}.png').write_bytes(b64decode(shot['data']))


def test_each_slab_and_view_can_be_chosen(
    jobs: Callable[[str], Node], chrome: Chrome, tmp_path: Path
) -> None:
    path = tmp_path / 'page.html'
    path.write_text(write_page(jobs('failed')), 'utf-8')
    page = Page(chrome, path, 1280)
    assert [
        element.text for element in page.chrome.find_elements(By.CSS_SELECTOR, '#slab option')
    ] == [
        'cu_3 Cu3',
        'cu_4 Cu4',
        'cu_5 Cu5',
    ]
    assert [
        element.text for element in page.chrome.find_elements(By.CSS_SELECTOR, '#views button')
    ] == [
        'before',
        'after',
    ]
    first = page.picture()
    page.chrome.find_element(By.CSS_SELECTOR, '#slab option:nth-child(3)').click()
    assert page.picture() != first
    assert [
        element.text for element in page.chrome.find_elements(By.CSS_SELECTOR, '#views button')
    ] == ['before']


def with_atoms(number: int, spread: float) -> StructureData:
    """Copper atoms on a cubic grid in a cell of 30 Å, so far apart (Å)."""
    side = ceil(number ** (1 / 3))
    places = np.array(list(product(range(side), repeat=3)))[:number] * spread
    node = StructureData(cell=(np.eye(3) * 30).tolist())
    for place in places:
        node.append_atom(symbols='Cu', position=place.tolist())
    return node


@pytest.mark.parametrize(
    ('number', 'spread', 'remark'),
    [
        (300, 2.6, ''),
        (4900, 1e-3, 'Drawn without bonds: there are more than 20000.'),
        (5001, 1.5, 'Not drawn: it has 5001 atoms, not 1 to 5000.'),
    ],
)
def test_a_structure_of_any_size_is_drawn_or_refused(
    instantiate: Callable[..., Any],
    end_relaxation: Callable[..., WorkChainNode],
    chrome: Chrome,
    tmp_path: Path,
    number: int,
    spread: float,
    remark: str,
) -> None:
    process = instantiate(slabs=copper_slabs(3))
    misc = Dict({'total_energies': {'energy_extrapolated': -1.0}})
    end_relaxation(process, 'cu_3', misc, with_atoms(number, spread))
    path = tmp_path / 'page.html'
    path.write_text(write_page(process.node), 'utf-8')
    page = Page(chrome, path, 1280)
    said = page.run("document.getElementById('remark').textContent")
    assert said == remark
    after = page.picture()
    page.chrome.find_element(By.CSS_SELECTOR, '#views button').click()
    assert page.run("document.getElementById('remark').textContent") == ''
    assert page.picture() != after
    assert page.messages() == []


def test_an_injected_script_would_not_run(
    jobs: Callable[[str], Node], chrome: Chrome, tmp_path: Path
) -> None:
    text = write_page(jobs('finished'))
    path = tmp_path / 'page.html'
    path.write_text(text.replace('<main>', '<main><script>document.title = "x"</script>'), 'utf-8')
    page = Page(chrome, path, 1280)
    assert page.chrome.title.startswith('Slabs, SlabRelaxWorkChain ')
    (message,) = page.messages()
    assert 'Content Security Policy' in message
