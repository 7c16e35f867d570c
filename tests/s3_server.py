"""An S3 server on this machine: moto's, which speaks the real protocol over HTTP and keeps its objects in memory."""

import contextlib
import os
from collections.abc import Iterator
from itertools import count

_KEYS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test-secret",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}


class S3Server:
    """`bucket()` makes a new bucket and returns its URL, as `--out` takes it. The environment of this process, which
    those it starts inherit, says where the server is, as a user would say it."""

    def __init__(self) -> None:
        from moto.server import ThreadedMotoServer

        self._server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        self._server.start()
        host, port = self._server.get_host_and_port()
        self.url = f"http://{host}:{port}"
        self._numbers = count(1)

    def bucket(self) -> str:
        import s3fs

        name = f"bucket-{next(self._numbers)}"
        s3fs.S3FileSystem().mkdir(name)
        return f"s3://{name}/town"

    def close(self) -> None:
        self._server.stop()


@contextlib.contextmanager
def s3_server() -> Iterator[S3Server]:
    server = S3Server()
    settings = _KEYS | {"AWS_ENDPOINT_URL": server.url}
    before = {name: os.environ.get(name) for name in settings}
    os.environ.update(settings)
    _forget_systems()
    try:
        yield server
    finally:
        _forget_systems()
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
        server.close()


def _forget_systems() -> None:
    """fsspec keeps its file systems, with the addresses they were built for."""
    import s3fs

    s3fs.S3FileSystem.clear_instance_cache()
