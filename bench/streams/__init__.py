"""What streams cost: how fast an update reaches many, what an open stream weighs, and what it takes from the ingest."""
