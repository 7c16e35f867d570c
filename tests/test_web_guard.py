"""What stands before the app, by itself: room for uploads, and which scripts a page's policy knows."""

from types import SimpleNamespace

import httpx
import own_loop
import pytest
from starlette.responses import PlainTextResponse

from personify.ui.web import guard
from personify.ui.web.guard import Guard
from personify.ui.web.policy import inline_scripts, policy_of
from personify.ui.web.settings import WebSettings


async def sent(path):
    inner = PlainTextResponse("let through")
    transport = httpx.ASGITransport(Guard(inner, WebSettings()))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        return await client.post(path, content=b"x")


@pytest.mark.parametrize(
    ("total_mb", "free_mb", "status"), [(100_000, 600, 200), (100_000, 510, 507), (1000, 200, 200), (1000, 150, 507)]
)
def test_uploads_leave_room_for_everybody_s_work(monkeypatch, total_mb, free_mb, status):
    disk = SimpleNamespace(total=total_mb * 2**20, free=free_mb * 2**20)
    monkeypatch.setattr(guard.shutil, "disk_usage", lambda path: disk)
    answer = own_loop.run(sent("/gradio_api/upload"))
    assert answer.status_code == status
    assert status == 200 or "no room" in answer.json()["error"]
    assert own_loop.run(sent("/personify/interrupt")).status_code == 200


def test_the_policy_knows_the_page_s_own_scripts():
    page = b"<script>let a;</script><script src='x.js'></script><SCRIPT type=module>\nlet b;\n</SCRIPT >"
    assert inline_scripts(page) == [b"let a;", b"\nlet b;\n"]
    assert policy_of(page).count("'sha256-") == 2 and "'sha256-" not in policy_of(b"<p>")
