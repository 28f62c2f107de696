"""Where files are kept for good: one file per kind of store, behind one protocol.

Offers `Store`, `Asset`, `Stored`, `Usage`, the stores `LocalStore` and `CloudinaryStore`, and the latter's `Account`.
"""

from reelhook.archive.stores.cloudinary import CloudinaryStore
from reelhook.archive.stores.cloudinary_account import Account
from reelhook.archive.stores.local import LocalStore
from reelhook.archive.stores.store import Asset, Store, Stored, Usage

__all__ = ["Account", "Asset", "CloudinaryStore", "LocalStore", "Store", "Stored", "Usage"]
