"""Figures of faces."""

from __future__ import annotations

import io
from math import ceil

import matplotlib.pyplot as plt
import numpy as np
import pytest
from ase.build import fcc100, fcc111
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from pymatgen.core import Lattice, Structure

from aiida_slabrelax.plots import plot_faces
from aiida_slabrelax.plots.layout.limits import MOST_PIXELS, MOST_SLABS
from aiida_slabrelax.surfaces import SlabOptions, find_terminations
from bulk_crystals import from_spacegroup


def copper(layers: int = 4) -> Structure:
    """Cu (100), its lowest atom at z = 6 Å."""
    atoms = fcc100('Cu', (1, 1, layers), a=3.6, vacuum=6.0, periodic=True)
    return Structure(atoms.cell.array, atoms.symbols, atoms.positions, coords_are_cartesian=True)


def gallium_arsenide() -> Structure:
    """A slab (111) with gallium on top and arsenic below."""
    crystal = from_spacegroup(
        'F-43m', Lattice.cubic(5.65), ['Ga', 'As'], [[0, 0, 0], [0.25, 0.25, 0.25]]
    )
    return find_terminations(crystal, [1, 1, 1], SlabOptions(9.0, 12.0, symmetrize=False))[
        0
    ].structure


def captions(slabs: dict[str, Structure]) -> list[str]:
    return [axes.get_title() for axes in plot_faces(slabs).axes]


def circles(axes: Axes) -> np.ndarray:
    """The centres of the circles, shape (N, 2), as they lie over each other."""
    (collection,) = axes.collections
    return np.asarray(collection.get_offsets())


def colours(axes: Axes) -> np.ndarray:
    return axes.collections[0].get_facecolor()[:, :3]


@settings(max_examples=5, derandomize=True, database=None)
@given(st.integers(1, 13))
def test_two_drawings_for_each_symmetric_slab(n_slabs: int) -> None:
    slabs = {f'slab_{n:02d}': copper(2 + n % 4) for n in range(n_slabs)}
    assert captions(slabs) == ['side', 'from above (deeper: fainter)'] * n_slabs


def test_the_lower_face_is_drawn_if_it_differs() -> None:
    assert captions({'slab_00': gallium_arsenide()})[1:] == [
        'from above (deeper: fainter)',
        'from below',
    ]


def test_each_face_shows_its_own_atoms_in_front() -> None:
    _, above, below = plot_faces({'slab_00': gallium_arsenide()}).axes
    gallium, arsenic = '#c28f8f', '#bd80e3'
    np.testing.assert_allclose(colours(above)[-1], to_rgb(gallium), atol=0.01)
    np.testing.assert_allclose(colours(below)[-1], to_rgb(arsenic), atol=0.01)


def test_labels_and_formulas_are_written() -> None:
    texts = [text.get_text() for text in plot_faces({'a': copper(3), 'b': copper(4)}).texts]
    assert texts[:2] == ['a   Cu$_{3}$\n3 atoms, 3.6 Å', 'b   Cu$_{4}$\n4 atoms, 5.4 Å']


def test_a_legend_of_the_elements() -> None:
    (legend,) = plot_faces({'slab_00': gallium_arsenide()}).legends
    assert [text.get_text() for text in legend.get_texts()] == ['As', 'Ga']


@pytest.mark.parametrize('layers', [[2, 9], [3, 3, 3, 12]])
def test_all_drawings_have_one_scale(layers: list[int]) -> None:
    slabs = {f'slab_{n}': copper(count) for n, count in enumerate(layers)} | {
        'last': gallium_arsenide()
    }
    figure = plot_faces(slabs)
    width, height = figure.get_size_inches()
    scales = []
    for axes in figure.axes:
        box = axes.get_position()
        scales.append(box.width * width / np.ptp(axes.get_xlim()))
        scales.append(box.height * height / np.ptp(axes.get_ylim()))
    assert scales == pytest.approx([scales[0]] * len(scales))


def test_drawings_do_not_overlap() -> None:
    slabs = {f'slab_{n}': gallium_arsenide() for n in range(5)}
    boxes = [axes.get_position() for axes in plot_faces(slabs).axes]
    for number, box in enumerate(boxes):
        assert 0 < box.x0 < box.x1 < 1
        assert 0 < box.y0 < box.y1 < 1
        assert not any(box.overlaps(other) for other in boxes[number + 1 :])


def test_only_the_outermost_layers_have_their_full_colour() -> None:
    axes = plot_faces({'slab_00': copper()}).axes[1]
    shades = np.unique(colours(axes).round(3), axis=0)
    # Layers are 1.8 Å apart: the two uppermost in full, the third one faint, the fourth left out
    # from 5.5 Å on, which is not yet reached.
    full = to_rgb('#c88033')
    np.testing.assert_allclose(shades[0], full, atol=0.01)
    assert len(shades) == 3
    assert np.all(np.diff(shades.sum(axis=1)) > 0.1)


def test_a_slab_lying_on_its_side_and_across_the_boundary_is_put_upright() -> None:
    upright = copper()
    matrix = np.array([[0, 0, 1], [1, 0, 0], [0, 1, 0]])
    turned = Structure(
        upright.lattice.matrix @ matrix,
        upright.species,
        upright.frac_coords + np.array([0, 0, 0.5]),
    )
    for side in (0, 1):
        first, second = (
            circles(plot_faces({'slab': slab}).axes[side]) for slab in (upright, turned)
        )
        np.testing.assert_allclose(first, second, atol=1e-6)


def test_a_skewed_cell_fills_the_frame() -> None:
    atoms = fcc111('Cu', (1, 1, 3), a=3.6, vacuum=6.0, periodic=True)
    slab = Structure(atoms.cell.array, atoms.symbols, atoms.positions, coords_are_cartesian=True)
    axes = plot_faces({'slab_00': slab}).axes[1]
    (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
    top = circles(axes)[np.all(np.isclose(colours(axes), to_rgb('#c88033'), atol=0.01), axis=1)]
    inside = (top > [left, low]) & (top < [right, high])
    area = 3.6**2 * np.sqrt(3) / 4
    expected = (right - left) * (high - low) / area
    assert abs(np.all(inside, axis=1).sum() - expected) < ceil(expected**0.5) + 1


def test_it_can_be_saved_and_leaves_pyplot_alone() -> None:
    target = io.BytesIO()
    plot_faces({'slab_00': copper()}).savefig(target, format='png')
    assert target.getvalue().startswith(b'\x89PNG')
    assert plt.get_fignums() == []


def test_no_slabs() -> None:
    with pytest.raises(ValueError, match='no slabs to draw'):
        plot_faces({})


def test_of_many_slabs_the_first_are_drawn_and_a_note_says_which() -> None:
    figure = plot_faces({f'slab_{n:03d}': copper() for n in range(100)})
    assert len(figure.axes) == 2 * MOST_SLABS
    assert figure.texts[-1].get_text() == (
        f'{MOST_SLABS} of 100 slabs are drawn here: slab_000 to slab_{MOST_SLABS - 1:03d}.'
    )
    assert np.prod(figure.get_size_inches() * figure.dpi) <= MOST_PIXELS * 1.001
