"""The demo's real data: where it comes from, how it becomes CSV, and the contracts it is released under."""
