"""Faults under load, on real engines and real processes: `python -m tests.chaos`, and a short form in make prove.

A scenario is a function of a Stage and a Scale that returns an Outcome.
"""
