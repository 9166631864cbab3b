"""Where durable workflows meet the engine: all of plumpy and of what aiida-core keeps to itself."""

from . import direct_calls  # answers calcfunctions from the moment at which it is imported
from .function_run import FunctionRun
from .ledger import parse_inputs
from .work_chain import CHECKPOINT_KEY, JOURNAL_EXTRA, SOURCE_ATTRIBUTE, DurableWorkChain

__all__ = [
    'CHECKPOINT_KEY',
    'JOURNAL_EXTRA',
    'SOURCE_ATTRIBUTE',
    'DurableWorkChain',
    'FunctionRun',
    'direct_calls',
    'parse_inputs',
]
