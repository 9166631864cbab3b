"""The work chains."""

from .slab_relax import SlabRelaxWorkChain

__all__ = ('SlabRelaxWorkChain',)
