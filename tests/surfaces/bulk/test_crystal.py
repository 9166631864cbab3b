"""The symmetry of a crystal: what spglib is asked, and what is made of its answers."""

import numpy as np
import pytest
import spglib

from aiida_slabrelax.surfaces import Crystal, SlabOptions, describe_pseudosymmetry, survey
from bulk_crystals import copper, in_basis, quartz, rewritten, silver_phosphate, spinel

FACE_CENTRED = ((0, 0.5, 0.5), (0.5, 0, 0.5), (0.5, 0.5, 0))


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, float]]:
    """Return the number of atoms and the tolerance of each question to spglib, as they come."""
    questions = []
    answer = spglib.get_symmetry_dataset

    def note(cell, tolerance):
        questions.append((len(cell[1]), tolerance))
        return answer(cell, tolerance)

    monkeypatch.setattr(spglib, 'get_symmetry_dataset', note)
    return questions


def test_of_a_large_crystal_spglib_is_asked_once_for_each_tolerance(asked):
    vacancy = in_basis(copper(), np.diag([2, 2, 2]))
    vacancy.remove_sites([0])
    survey(vacancy, [1, 0, 0], SlabOptions(8, 12))
    assert describe_pseudosymmetry(vacancy) is None
    Crystal.of(vacancy)
    assert [one for one in asked if one[0] == 31] == [(31, 0.01), (31, 0.1)]


def test_another_crystal_is_asked_for_anew(asked):
    crystal = rewritten(silver_phosphate(), 4)
    assert Crystal.of(crystal).space_group == 218
    crystal.translate_sites([0], [0.01, 0, 0])
    assert Crystal.of(crystal).space_group != 218
    assert len(asked) == 2


@pytest.mark.parametrize(
    'build', [quartz, silver_phosphate, lambda: in_basis(spinel(), FACE_CENTRED)]
)
def test_the_operations_of_a_primitive_cell_map_its_atoms_onto_each_other(build):
    crystal = Crystal.of(rewritten(build(), 7))
    for rotation, translation in zip(crystal.rotations, crystal.translations, strict=True):
        images = crystal.coordinates @ rotation.T + translation
        shifts = images[:, np.newaxis] - crystal.coordinates
        distances = np.linalg.norm((shifts - np.round(shifts)) @ crystal.vectors, axis=2)
        assert distances.min(axis=1).max() < 0.01
        nearest = distances.argmin(axis=1)
        assert [crystal.elements[one] for one in nearest] == crystal.elements
