"""Slabs as data for the viewer."""

from __future__ import annotations

import json

import numpy as np
from ase import Atoms
from ase.build import fcc100

from aiida_slabrelax.report.models import MOST_PLACES, UNIT, Model, write_models
from large_runs import silver_phosphate_slab


def copper(repeat: int = 1) -> Atoms:
    return fcc100('Cu', (repeat, repeat, 4), a=3.6, vacuum=6.0, periodic=True)


def test_places_and_elements_of_a_slab() -> None:
    atoms = silver_phosphate_slab(1)
    written, note = write_models([Model('a', 'Ag6P2O8', [('before', atoms)])])
    (slab,) = written['slabs']
    (view,) = slab['views']
    assert (slab['label'], slab['formula'], view['name'], note) == ('a', 'Ag6P2O8', 'before', '')
    symbols = [written['elements'][kind]['symbol'] for kind in view['kinds']]
    assert symbols == list(atoms.symbols)
    places = np.array(view['places']).reshape(-1, 3) * written['unit']
    moved = atoms.positions - atoms.positions.min(axis=0)
    np.testing.assert_allclose(places, moved, atol=UNIT / 2 + 1e-9)
    np.testing.assert_allclose(np.array(view['cell']) * UNIT, atoms.cell[:2], atol=UNIT / 2 + 1e-9)
    silver = next(one for one in written['elements'] if one['symbol'] == 'Ag')
    assert silver == {'symbol': 'Ag', 'colour': '#c0c0c0', 'radius': 1.45}


def test_an_atom_takes_few_bytes() -> None:
    atoms = silver_phosphate_slab(3)
    models = [Model(f'slab_{n}', 'Ag', [('before', atoms), ('after', atoms)]) for n in range(10)]
    written, _ = write_models(models)
    text = json.dumps(written, separators=(',', ':'))
    assert len(text) < 10 * (250 + 2 * 16 * len(atoms)) + 500


def test_a_page_holds_so_many_atoms_and_says_what_it_leaves_out() -> None:
    atoms = copper(10)
    number = 2 * MOST_PLACES // len(atoms)
    models = [Model(f'slab_{n:03d}', 'Cu400', [('before', atoms)]) for n in range(number)]
    written, note = write_models(models)
    half = number // 2
    assert len(written['slabs']) == half
    assert note == (
        f'{half} of {number} slabs are here; the page would become too large with '
        f'slab_{half:03d} to slab_{number - 1:03d}, which `aiida-slabrelax export` writes as files.'
    )


def test_what_cannot_be_drawn_has_its_flaw_in_place_of_atoms() -> None:
    flat, big = copper(), copper(71)
    flat.cell[1] = 0
    views = [('before', flat), ('after', copper()), ('last geometry', big)]
    written, _ = write_models([Model('a', 'Cu4', views)])
    first, second, third = written['slabs'][0]['views']
    assert first == {
        'name': 'before',
        'flaw': 'a vector of its cell is 0 Å long, not 0.5 to 1000',
    }
    assert 'places' in second
    assert third == {'name': 'last geometry', 'flaw': 'it has 20164 atoms, not 1 to 5000'}
