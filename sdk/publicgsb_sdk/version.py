"""The one place where the version of the distribution is written."""

__version__ = "0.1.0"
"""The version of the distribution, as `pip` knows it.

>>> len(__version__.split("."))
3
"""
