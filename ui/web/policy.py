"""The Content-Security-Policy of the app's pages: which scripts may run, and that nothing comes from or goes elsewhere.

Of scripts written into a page only those run that the server itself put there, which their hashes tell. So a text that
should ever slip into the page as HTML runs nothing.
"""

import base64
import hashlib
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import Message, Send

_SCRIPT = re.compile(rb"<script(\s[^>]*)?>(.*?)</script", re.DOTALL | re.IGNORECASE)
_OTHERS = (
    "default-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "media-src 'self' data: blob:",
    "font-src 'self' data:",
    "connect-src 'self' data: blob:",
    "worker-src 'self' blob:",
    "object-src 'none'",
    "base-uri 'self'",
    "form-action 'self'",
    "frame-ancestors 'self'",
)


def policy_of(page: bytes = b"") -> str:
    """The policy of a page, or of what is none. Gradio makes functions of what its HTML component is given, so code
    may be made of text; nothing but a script that runs already can do that."""
    hashes = (base64.b64encode(hashlib.sha256(inner).digest()).decode() for inner in inline_scripts(page))
    scripts = " ".join(["script-src 'self' 'unsafe-eval'", *(f"'sha256-{value}'" for value in hashes)])
    return "; ".join((*_OTHERS, scripts))


def inline_scripts(page: bytes) -> list[bytes]:
    """What stands in the page's own script elements."""
    found = (match for match in _SCRIPT.finditer(page) if b"src=" not in (match[1] or b"").lower())
    return [match[2] for match in found if match[2].strip()]


def telling_policy(send: "Send") -> "Send":
    """Holds an HTML page back until it is whole, and sends it with its policy; everything else passes as it comes."""
    held: list[Message] = []

    async def telling(message: "Message") -> None:
        if message["type"] == "http.response.start":
            kind = dict(message["headers"]).get(b"content-type", b"")
            if kind.startswith(b"text/html"):
                held.append(message)
            else:
                await send(_with(message, policy_of()))
        elif not held:
            await send(message)
        else:
            held.append(message)
            if not message.get("more_body"):
                page = b"".join(part.get("body", b"") for part in held[1:])
                await send(_with(held[0], policy_of(page)))
                await send({"type": "http.response.body", "body": page})
                held.clear()

    return telling


def _with(message: "Message", policy: str) -> "Message":
    """The head of an answer with a policy, unless it has one of its own."""
    if any(name == b"content-security-policy" for name, _ in message["headers"]):
        return message
    return {**message, "headers": [*message["headers"], (b"content-security-policy", policy.encode())]}
