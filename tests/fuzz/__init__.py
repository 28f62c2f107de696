"""What nobody would send on purpose, sent to all that reads what strangers send."""
