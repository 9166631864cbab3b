"""The work chains."""

from .slab_relax.work_chain import SlabRelaxWorkChain

__all__ = ('SlabRelaxWorkChain',)
