"""HeyGen's API v3, its webhooks and its expiring links, as far as they are known; what is guessed says "assumption"."""
