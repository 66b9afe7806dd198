"""Where an organisation's windows are, epoch by epoch: exact through the loss, the stall and the absence of Redis.

The argument is docs/decisions/0026-epochs.md.
"""
