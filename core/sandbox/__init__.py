"""The practice board: a local server that speaks monday.com's API 2026-10 on loopback.

For demonstrations, training and tests. `python -m core.sandbox` starts it; `core.sandbox.testing` runs it in
a test. Nothing else in the engine imports this package.
"""
