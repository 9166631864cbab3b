"""Every termination of a crystal surface, cut and relaxed with VASP in one AiiDA work chain."""

__version__ = '0.1.0'
