"""The most plausible terminations, and what is left out with its figure."""

import pytest

from aiida_slabrelax.surfaces import SlabGenerationError, SlabOptions, Survey, survey
from bulk_crystals import copper, rutile, silver_phosphate


def cut(crystal, plane, **options) -> Survey:
    return survey(crystal, plane, SlabOptions(8.0, 12.0, **options))


def labels(found: Survey) -> list[str]:
    return [slab.label for slab in found.terminations]


@pytest.fixture(scope='module')
def every() -> Survey:
    return cut(silver_phosphate(), (1, 1, 0), keep_whole='P-O')


def test_by_default_all_are_kept(every):
    assert labels(every) == ['slab_00', 'slab_01', 'slab_02', 'slab_03']
    assert every.excluded == []


def test_those_with_the_fewest_broken_bonds_are_kept_with_their_labels(every):
    found = cut(silver_phosphate(), (1, 1, 0), keep_whole='P-O', max_terminations=2)
    broken = {slab.label: slab.broken_bonds for slab in every.terminations}
    assert labels(found) == ['slab_01', 'slab_02']
    assert max(broken['slab_01'], broken['slab_02']) < min(broken['slab_00'], broken['slab_03'])
    assert [one.what for one in found.excluded] == ['slab_00 Ag18P4O16', 'slab_03 Ag12P6O24']
    assert found.excluded[0].reason == (
        'less plausible (Tasker III, 0.227 broken bonds per Å², not stoichiometric); '
        'max_terminations is 2'
    )


def test_a_face_that_is_not_polar_comes_first():
    every = cut(rutile(), (1, 1, 0))
    found = cut(rutile(), (1, 1, 0), max_terminations=1)
    (kept,) = found.terminations
    assert (kept.polarity.tasker, kept.is_stoichiometric) == ('II', True)
    assert {slab.polarity.tasker for slab in every.terminations} == {'II', 'III'}


def test_too_many_broken_bonds():
    found = cut(silver_phosphate(), (1, 1, 0), keep_whole='P-O', max_broken_bonds=0.2)
    assert labels(found) == ['slab_01', 'slab_02']
    assert found.excluded[0].reason == '0.227 broken bonds per Å²; max_broken_bonds is 0.2'


def test_a_limit_that_is_just_met():
    (slab,) = cut(copper(), (1, 1, 1)).terminations
    assert labels(cut(copper(), (1, 1, 1), max_broken_bonds=slab.broken_bonds)) == ['slab_00']


@pytest.mark.parametrize(
    ('top', 'expected'), [('Ag', ['slab_00', 'slab_01']), ('O', ['slab_02', 'slab_03'])]
)
def test_the_element_that_is_outermost(top, expected):
    found = cut(silver_phosphate(), (1, 1, 0), keep_whole='P-O', top=top)
    assert labels(found) == expected
    others = {'Ag': 'O', 'O': 'Ag'}
    assert {one.reason for one in found.excluded} == {f'outermost are {others[top]}; top is {top}'}


def test_of_an_asymmetric_slab_either_face_counts():
    found = cut(silver_phosphate(), (1, 1, 1), symmetrize=False, top='P')
    for slab in found.terminations:
        order = slab.structure.cart_coords[:, 2].argsort()
        assert 'P' in {slab.structure[int(order[end])].specie.symbol for end in (0, -1)}


def test_if_all_are_left_out_the_reasons_are_told():
    with pytest.raises(SlabGenerationError, match=r'No slab is left.* broken bonds per Å²; max_'):
        cut(copper(), (1, 1, 1), max_broken_bonds=0.1)


@pytest.mark.parametrize(
    ('option', 'value', 'message'),
    [
        ('max_terminations', 0, 'max_terminations must be an integer above 0'),
        ('max_terminations', 1.5, 'max_terminations must be an integer above 0'),
        ('max_broken_bonds', -0.1, 'of at least 0, not -0.1'),
        ('max_broken_bonds', float('nan'), 'finite number'),
        ('top', 'O', 'top names O, which the crystal has not: it has Cu'),
        ('keep_whole', 'P-O', 'keep_whole names P, which the crystal has not'),
        ('bonds', {'Cu-O': 2.0}, 'bonds names O, which the crystal has not'),
        ('top', 'oxygen', "symbol of an element such as O, not 'oxygen'"),
        ('keep_whole', 'PO4', "pair of elements such as P-O, not 'PO4'"),
        ('keep_whole', [], 'a word or a list of words'),
        ('keep_whole', 3, 'a word or a list of words'),
        ('bonds', {}, 'lengths'),
        ('bonds', {'P-O': 0}, 'above 0'),
        ('bonds', {'P-O': 9}, 'at most 6 Å'),
        ('bonds', {'PO': 1.5}, "pairs of elements such as 'P-O'"),
        ('reconstruct', 'half', "must be tasker, not 'half'"),
        ('max_reconstructions', 0, 'max_reconstructions must be an integer above 0'),
    ],
)
def test_invalid_options(option, value, message):
    with pytest.raises(SlabGenerationError, match=message) as raised:
        cut(copper(), (1, 1, 1), **{option: value})
    assert raised.value.option == option


@pytest.mark.parametrize('option', ['keep_whole', 'reconstruct'])
def test_options_of_the_exact_generator(option):
    value = {'keep_whole': 'auto', 'reconstruct': 'tasker'}[option]
    with pytest.raises(SlabGenerationError, match=f'exact has {option}'):
        cut(copper(), (1, 1, 1), generator='pymatgen', **{option: value})
