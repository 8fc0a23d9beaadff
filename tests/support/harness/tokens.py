"""Tokens that a node in JWT mode accepts (HS256, RFC 7519), and ones that it must not."""

import base64
import hashlib
import hmac
import json
import time

SECRET = b"0123456789abcdef0123456789abcdef"


def part(value):
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def token(claims, header=None, secret=SECRET):
    signed = part(header or {"alg": "HS256", "typ": "JWT"}) + b"." + part(claims)
    return (signed + b"." + part(hmac.new(secret, signed, hashlib.sha256).digest())).decode()


def claims(**changes):
    """Good ones, with these changes; a claim that is None is left out."""
    merged = {"sub": "ann", "company": "acme", "aud": "danwa", "iss": "tests", "exp": int(time.time()) + 600, **changes}
    return {name: value for name, value in merged.items() if value is not None}


def settings(key_file):
    """A node's, to go with `claims`."""
    return {"auth.mode": "jwt", "auth.jwt.algorithm": "HS256", "auth.jwt.key_file": key_file,
            "auth.jwt.audience": "danwa", "auth.jwt.issuer": "tests"}
