"""Receives HeyGen's webhooks: an app for a Django project."""
