"""Whether a signature, a key or a token is right is never found out by `==`, which tells by its time how much fits.

Looking a digest up in the database is another matter: what is compared there has been hashed, so that nobody can steer
how much of it fits.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "reelhook"
SECRET = re.compile(r"signature|digest|hmac|token|secret|password|api_?key|_hash\b|^hash", re.IGNORECASE)
# Compared by `==` all the same, because neither side is secret.
NOT_SECRET = {
    "archive/stores/local.py: self._reread.hexdigest() != self.digest.sha256": "a file's checksum, shown to everybody",
    "auth/callback_tokens.py: _text(raw) != token": "whether it is written in the one right way",
    "auth/keys.py: row.key_hash != hashed": "the database found it by this digest or by the other one",
    "auth/media_links.py: 'signature' in query": "the name of a parameter",
    "auth/oidc/provider.py: 'client_secret_basic' in methods": "the name of a method",
    "auth/permissions.py: self.scope in TOKEN": "the name of a scope",
    "auth/shield.py: 'token' in QueryParams(scope['query_string'])": "the name of a parameter",
    "auth/signed_in_endpoints.py: row.token_hash == current": "digests of what the caller has proved",
    "events/diagnosis.py: secret in retired": "both are our own",
    "ingest/checking.py: secret_id == GIVEN": "an id",
    "ingest/checking.py: one.id == secret_id": "an id",
    "ingest/secrets.py: one.secret == secret": "both are our own",
    "notify/handler.py: row.kind != DIGEST": "the name of a kind",
    "settings.py: 'password' in name": "the name of a parameter",
    "videos/creation.py: known.request_digest != digest": "whether a caller's own two requests are the same",
}


def named(node: ast.expr) -> str:
    """The last name in an expression: `claim.digest` → digest, `sign(body)` → sign."""
    if isinstance(node, ast.Call):
        return named(node.func)
    if isinstance(node, ast.Subscript):
        return named(node.slice) or named(node.value)
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) and node.value.isidentifier() else ""
    return getattr(node, "attr", None) or getattr(node, "id", "")


def of_a_table(node: ast.expr) -> bool:
    """`people.c.password_hash`: a comparison that the database makes."""
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute) and node.value.attr == "c"


def comparisons(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Every `==`, `!=`, `in` and `not in` of something that sounds secret, by line."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Compare):
            continue
        if not any(isinstance(how, ast.Eq | ast.NotEq | ast.In | ast.NotIn) for how in node.ops):
            continue
        sides = [node.left, *node.comparators]
        if any(of_a_table(side) for side in sides) or any(isinstance(side, ast.Constant) for side in node.comparators):
            continue
        if any(SECRET.search(named(side)) for side in sides):
            yield node.lineno, ast.unparse(node)


def found() -> dict[str, str]:
    return {
        f"{file.relative_to(SOURCE)}: {text}": f"line {line}"
        for file in sorted(SOURCE.rglob("*.py"))
        if "simulators" not in file.parts
        for line, text in comparisons(ast.parse(file.read_text()))
    }


def test_secrets_are_compared_in_constant_time() -> None:
    assert {where: line for where, line in found().items() if where not in NOT_SECRET} == {}


def test_no_exception_outlives_what_it_excuses() -> None:
    assert set(NOT_SECRET) - set(found()) == set()


@pytest.mark.parametrize(
    "line",
    ["given == self.signature", "sign(body) != claim.digest", "token in known", "x['secret'] == y", "a.api_key == b"],
)
def test_the_check_sees_a_comparison_that_tells(line: str) -> None:
    assert list(comparisons(ast.parse(line))) == [(1, line.replace('"', "'"))]


@pytest.mark.parametrize(
    "line",
    ["hmac.compare_digest(a, b)", "keys.c.key_hash == digest(key)", "token is None", "kind == 'token'", "a == b"],
)
def test_the_check_lets_pass_what_is_none(line: str) -> None:
    assert list(comparisons(ast.parse(line))) == []
