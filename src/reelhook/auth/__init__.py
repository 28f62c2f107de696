"""People, sessions, roles and scopes, API keys, stream tokens, audit: who is asking, and what they may do.

Offers `Access` (all of it, wired), `Principal`, `requires(scope)` for endpoints, `Audit` for changes worth remembering.
"""

from reelhook.auth.access import Access
from reelhook.auth.audit import Audit
from reelhook.auth.principal import Principal, local_admin
from reelhook.auth.requires import requires

__all__ = ["Access", "Audit", "Principal", "local_admin", "requires"]
