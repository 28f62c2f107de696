"""The ways out, one folder each."""
