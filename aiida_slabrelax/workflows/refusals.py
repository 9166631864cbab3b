"""Errors that refuse the values of a user, as opposed to defects of this package."""

from __future__ import annotations

from aiida.common.exceptions import AiidaException

PACKAGE = __name__.partition('.')[0]

#: What builders, ports and the protocols of aiida-vasp raise for values that they cannot use. Some
#: of these types may as well be mistakes: see :func:`is_refusal`.
REFUSALS = (AiidaException, AttributeError, KeyError, TypeError, ValueError)


def is_refusal(error: BaseException) -> bool:
    """Return whether an error refuses a value, and is not a defect of this package.

    Our own code never raises ``AttributeError``, ``KeyError`` or ``TypeError`` on purpose. One that
    comes from there is a mistake.
    """
    if isinstance(error, (AiidaException, ValueError)):
        return True
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    module = '' if trace is None else str(trace.tb_frame.f_globals.get('__name__', ''))
    return isinstance(error, REFUSALS) and module.partition('.')[0] != PACKAGE
