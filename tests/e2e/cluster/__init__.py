"""The cluster test: nginx before two web and two worker processes, Postgres and Redis, and all of them die in turn.

`python -m tests.e2e.cluster` runs it; docs/cluster-test.md says what it proves. Those who use the service,
and the judge, are those of the kill test (`tests/e2e/kill`).
"""
