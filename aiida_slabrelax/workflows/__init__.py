"""The work chains."""

from .slab_relax.executed import NotTrustedError, describe_executed
from .slab_relax.work_chain import SlabRelaxWorkChain

__all__ = ['NotTrustedError', 'SlabRelaxWorkChain', 'describe_executed']
