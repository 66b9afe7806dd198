"""What is known of one request while it is answered."""

import time
from dataclasses import dataclass

from publicgsb.platform.kernel.caller import Caller
from publicgsb.schema.serving.ask import Ask
from publicgsb.schema.serving.negotiation import NO_WISHES, Wishes
from publicgsb.schema.serving.slices import Names


@dataclass(slots=True)
class Request:
    """What is known of one request so far; the answer and the log line are made from it."""

    id: str
    began: float
    wishes: Wishes = NO_WISHES
    is_reading: bool = False  # a GET or HEAD
    is_head: bool = False
    caller: Caller | None = None
    datasets: Names | None = None  # the slice that the caller wants to see
    ask: Ask | None = None
    is_shared: bool = False  # whether a page of another site may read the answer

    @property
    def ms(self) -> int:
        return round((time.perf_counter() - self.began) * 1000)
