"""Web push: to a person's browsers, also while no page of ours is open (RFC 8030, 8291, 8292)."""
