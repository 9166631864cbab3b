"""Durable workflows as processes of AiiDA: plumpy and private API are used here only."""

from .backend import parse_inputs
from .direct_calls import answered
from .endings import JOURNAL_EXTRA
from .function_run import FunctionRun
from .work_chain import CHECKPOINT_KEY, SOURCE_ATTRIBUTE, DurableWorkChain

__all__ = [
    'CHECKPOINT_KEY',
    'JOURNAL_EXTRA',
    'SOURCE_ATTRIBUTE',
    'DurableWorkChain',
    'FunctionRun',
    'answered',
    'parse_inputs',
]
