"""Benchmarks: Farthing and its yardsticks, measured in the same run, in turns. No test asserts a time.

A benchmark is one declaration (see `benchmark.py`) in the file of its subject: `ingest.py`, `pricing.py`. To add one,
declare it there, or in a new file that `__main__.py` lists.
"""
