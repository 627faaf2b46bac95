"""The rest of NumPy's vocabulary: a file for each family, loaded when one of them is asked for.

The classes of the operations are in `autograd.ops`; here are their NumPy names, and the functions
made of several operations.
"""

from autograd.vocabulary import linalg as linalg
from autograd.vocabulary.axes import *  # noqa: F403
from autograd.vocabulary.elementwise import *  # noqa: F403
from autograd.vocabulary.joining import *  # noqa: F403
from autograd.vocabulary.masked import *  # noqa: F403
from autograd.vocabulary.padding import *  # noqa: F403
from autograd.vocabulary.plain import *  # noqa: F403
from autograd.vocabulary.products import *  # noqa: F403
from autograd.vocabulary.reductions import *  # noqa: F403
from autograd.vocabulary.repeating import *  # noqa: F403
from autograd.vocabulary.selecting import *  # noqa: F403
from autograd.vocabulary.sequences import *  # noqa: F403
