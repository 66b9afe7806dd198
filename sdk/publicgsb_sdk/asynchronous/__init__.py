"""All that waits for the service, for asyncio. The synchronous modules beside this folder are written from it.

`deadline.py` is the only file that is by hand on both sides: threads and tasks wait in different ways.
"""
