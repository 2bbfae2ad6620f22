"""A folder or a bucket as one kind of place, and prepared data sent to it and verified there."""

from churn_saver.adapters.places.opening import place
from churn_saver.adapters.places.uploading import upload, verify

__all__ = ["place", "upload", "verify"]
