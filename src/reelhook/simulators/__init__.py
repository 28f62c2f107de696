"""HeyGen and Cloudinary as local servers that also misbehave on request: for the demo, development and tests.

They import nothing of the rest of the package, so that a fault cannot hide on both sides.
"""
