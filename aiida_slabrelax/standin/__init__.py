"""An executable that stands in for VASP.

It reads VASP's inputs, relaxes with a real physical model and writes VASP's outputs.
"""
