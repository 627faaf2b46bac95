"""The rest of NumPy's vocabulary: a file for each family, loaded when one of them is asked for.

The classes of the operations are in `autograd.ops`; here are their NumPy names, and the functions
made of several operations.
"""
