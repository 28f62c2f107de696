"""Every HTTP endpoint of this room, as one router."""

from fastapi import APIRouter

from reelhook.auth import (
    audit_endpoints,
    key_endpoints,
    me_endpoints,
    people_endpoints,
    session_endpoints,
    signed_in_endpoints,
    stream_token_endpoints,
)
from reelhook.auth.access import Access
from reelhook.auth.oidc import endpoints as oidc_endpoints


def router(access: Access) -> APIRouter:
    """To be included under `/api/v1`."""
    routes = APIRouter()
    routes.include_router(session_endpoints.router(access.sign_in, access.resets, access.site))
    routes.include_router(oidc_endpoints.router(access.oidc, access.site))
    routes.include_router(key_endpoints.router(access.keys, access.site))
    routes.include_router(people_endpoints.router(access.people, access.invitations, access.resets, access.site))
    routes.include_router(audit_endpoints.router(access.audit))
    routes.include_router(stream_token_endpoints.router(access.stream_tokens))
    routes.include_router(me_endpoints.router(access.account, access.site))
    routes.include_router(signed_in_endpoints.router(access.signed_in, access.site))
    return routes
