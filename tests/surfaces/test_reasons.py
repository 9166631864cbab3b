"""Reasons: text for Python, which each front end words its own way."""

from __future__ import annotations

import copy
import json
import pickle

import pytest

from aiida_slabrelax.surfaces import (
    Mention,
    Reason,
    SlabGenerationError,
    SlabOptions,
    survey,
)
from bulk_crystals import copper, silver_phosphate

SYMMETRIZE = Mention('set', 'symmetrize', False)


def shout(mention: Mention) -> str:
    return f'<{mention.form} {mention.option.upper()}>'


def test_as_text_it_speaks_python() -> None:
    reason = Reason('Or ', SYMMETRIZE, '; ', Mention('is', 'max_atoms', 5))
    assert reason == 'Or set symmetrize to False; max_atoms is 5'
    assert json.loads(json.dumps([reason])) == [str(reason)]


def test_a_front_end_has_words_of_its_own() -> None:
    reason = Reason('Or ', SYMMETRIZE, '; ', Mention('is', 'max_atoms', 5), '.')
    assert reason.worded(shout) == 'Or <set SYMMETRIZE>; <is MAX_ATOMS>.'


def test_a_sentence_begins_with_a_capital() -> None:
    mention = Mention('set', 'symmetrize', False, capital=True)
    assert Reason(mention, '.') == 'Set symmetrize to False.'
    assert Reason(mention, '.').worded(lambda _: 'give it') == 'Give it.'


def test_reasons_in_a_reason_keep_their_options() -> None:
    whole = Reason('a: ', Reason('6 atoms; ', Mention('is', 'max_atoms', 5)), '; b')
    assert whole == 'a: 6 atoms; max_atoms is 5; b'
    assert whole.worded(shout) == 'a: 6 atoms; <is MAX_ATOMS>; b'


@pytest.mark.parametrize('copied', [copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))])
def test_copies_are_whole(copied) -> None:
    reason = copied(Reason('Or ', SYMMETRIZE))
    assert reason.worded(shout) == 'Or <set SYMMETRIZE>'


def refusal(crystal, planes, **options) -> SlabGenerationError:
    with pytest.raises(SlabGenerationError) as refused:
        survey(
            crystal,
            planes,
            SlabOptions(**{'min_slab_thickness': 8.0, 'min_vacuum_thickness': 12.0, **options}),
        )
    return refused.value


@pytest.mark.parametrize(
    ('options', 'option'),
    [
        ({'min_slab_thickness': 0.0}, 'min_slab_thickness'),
        ({'min_vacuum_thickness': 'wide'}, 'min_vacuum_thickness'),
        ({'max_atoms': 0}, 'max_atoms'),
        ({'max_normal_search': 21}, 'max_normal_search'),
        ({'symmetrize': 'perhaps'}, 'symmetrize'),
        ({'generator': 'mine'}, 'generator'),
        ({'primitive': 'yes'}, 'primitive'),
    ],
)
def test_an_option_that_is_not_valid_is_named(options, option) -> None:
    error = refusal(copper(), [1, 0, 0], **options)
    assert error.option == option
    assert error.reason.option is None


@pytest.mark.parametrize('planes', [[0, 0, 0], [1, 0, -1, 0], [[1, 0, 0], [1, 0]]])
def test_so_are_planes(planes) -> None:
    assert refusal(copper(), planes).option == 'miller_indices'


def test_a_crystal_is_no_option() -> None:
    crystal = copper()
    crystal.append('Cu', [0, 0, 0], validate_proximity=False)
    assert refusal(crystal, [1, 0, 0]).option is None


@pytest.mark.parametrize('generator', ['exact', 'pymatgen'])
def test_the_option_that_would_help_is_named(generator) -> None:
    error = refusal(silver_phosphate(), [1, 0, 0], max_atoms=5, generator=generator)
    assert error.option == error.reason.option == 'max_atoms'
    assert 'max_atoms is 5' in str(error)
