"""Every HTTP endpoint of this room."""

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


def routers(access: Access) -> tuple[APIRouter, ...]:
    return (
        session_endpoints.router(access.sign_in, access.resets, access.site),
        oidc_endpoints.router(access.oidc, access.site),
        key_endpoints.router(access.keys, access.site),
        people_endpoints.router(access.people, access.invitations, access.resets, access.site),
        audit_endpoints.router(access.audit),
        stream_token_endpoints.router(access.stream_tokens),
        me_endpoints.router(access.account, access.site),
        signed_in_endpoints.router(access.signed_in, access.site),
    )
