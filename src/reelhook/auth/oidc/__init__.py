"""Signing in by OpenID Connect: the authorization-code flow with PKCE, for one provider (docs/oidc.md)."""
