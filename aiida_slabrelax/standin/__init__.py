"""An executable that stands in for VASP.

It reads VASP's inputs, relaxes the structure with a real physical model and writes VASP's outputs.
"""
