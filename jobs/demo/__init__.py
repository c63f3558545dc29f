"""Demo data: ninety days of a made-up company, the same for everybody but for the dates.

`workloads` says who calls what on an ordinary day, `stories` what happens to them, `calls` draws a day's events of
that, `seed` stores them by the ledger's own way in, `folder` keeps the data folder and its keys. Nothing here is read
by anything that counts.
"""
