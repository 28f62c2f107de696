"""The guides, followed: every shell block that they show is run, or checked where it needs what no test has."""
