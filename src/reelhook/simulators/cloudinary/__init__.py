"""Cloudinary's Upload, Admin and notification APIs and its delivery; what is guessed says "assumption"."""
