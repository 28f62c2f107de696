"""Where files are kept for good: one file per kind of store, behind one protocol.

Offers `Store`, `Asset`, `Stored`, `Usage`, `LocalStore`, and the `Account` of a `CloudinaryStore`. That one is in
`cloudinary`, which loads Cloudinary's SDK.
"""

from reelhook.archive.stores.cloudinary_account import Account
from reelhook.archive.stores.local import LocalStore
from reelhook.archive.stores.store import Asset, Store, Stored, Usage

__all__ = ["Account", "Asset", "LocalStore", "Store", "Stored", "Usage"]
