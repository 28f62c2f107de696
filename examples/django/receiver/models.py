"""What came."""

from django.db import models


class Received(models.Model):
    """One event; your own work takes those whose *done_at* is null."""

    key = models.CharField(max_length=600, unique=True)  # an id of HeyGen's has 512 characters at most
    type = models.CharField(max_length=200)
    body = models.BinaryField()
    done_at = models.DateTimeField(null=True)
