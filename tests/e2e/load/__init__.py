"""The load test: a day of webhooks, videos and people in some minutes, and a judge who looks at everything afterwards.

`python -m tests.e2e.load` runs it; docs/load-test.md says what it shows. Facts and judge are those of the kill test
(`tests/e2e/kill`), the installation of many processes is that of the cluster test (`tests/e2e/cluster`).
"""
