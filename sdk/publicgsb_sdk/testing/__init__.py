"""Tests without a key and without a network: a Public GSB service in the process of the test.

`MockService` answers all that the SDK asks. `pip install publicgsb-sdk[testing]`; docs/testing.md of the service shows
how, and pytest finds the fixture `publicgsb` by itself.
"""

from importlib.util import find_spec

from publicgsb_sdk.errors import MissingExtra

if find_spec("graphql") is None:
    raise MissingExtra("A mock service needs: pip install publicgsb-sdk[testing]")

from publicgsb_sdk.testing.clock import Clock
from publicgsb_sdk.testing.refusals import MockSetup
from publicgsb_sdk.testing.service import KEY, URL, MockService
from publicgsb_sdk.testing.serving import Asked

__all__ = ["KEY", "URL", "Asked", "Clock", "MockService", "MockSetup"]
