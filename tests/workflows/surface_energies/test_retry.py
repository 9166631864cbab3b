"""What cannot be continued as surface energies."""

from __future__ import annotations

import pytest
from aiida.common.links import LinkType
from aiida.manage.configuration import Profile
from aiida.orm import WorkChainNode

from aiida_slabrelax.workflows import SlabRelaxWorkChain
from aiida_slabrelax.workflows.surface_energies.retry import retry_builder


def test_without_surface_energies_the_run_of_the_slabs_is_named(aiida_profile: Profile) -> None:
    node = WorkChainNode(process_type='aiida.workflows:slabrelax.surface_energies')
    node.set_process_label('SurfaceEnergiesWorkChain')
    node.store()
    refusal = f'SurfaceEnergiesWorkChain<{node.pk}> has no surface energies'
    with pytest.raises(ValueError, match=f'^{refusal}$'):
        retry_builder(node, SlabRelaxWorkChain.get_builder())

    inner = WorkChainNode(process_type='aiida.workflows:slabrelax.relax')
    inner.set_process_label('SlabRelaxWorkChain')
    inner.base.links.add_incoming(node, LinkType.CALL_WORK, 'slabs')
    inner.store()
    hint = f'its slabs alone can be run again, by a retry of SlabRelaxWorkChain<{inner.pk}>'
    with pytest.raises(ValueError, match=f'^{refusal}; {hint}$'):
        retry_builder(node, SlabRelaxWorkChain.get_builder())
