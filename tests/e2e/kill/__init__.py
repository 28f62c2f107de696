"""The kill test: real processes that die at every moment, and a judge who counts what was lost.

`python -m tests.e2e.kill` runs it; docs/kill-test.md says what it proves.
"""
