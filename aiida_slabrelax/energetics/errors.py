"""The error raised instead of returning a meaningless number."""


class NotComparableError(ValueError):
    """Energies do not belong together, or a formula cannot be balanced; the message says why."""
