"""An SFTP server on loopback over a folder, as paramiko speaks it. One user, one password."""

from __future__ import annotations

import os
import socket
import threading
from pathlib import Path

import paramiko

USER, PASSWORD = "anna", "s3cret-of-anna"


class _Door(paramiko.ServerInterface):
    def check_auth_password(self, username, password):
        known = (username, password) == (USER, PASSWORD)
        return paramiko.AUTH_SUCCESSFUL if known else paramiko.AUTH_FAILED

    def check_channel_request(self, kind, chanid):
        return paramiko.OPEN_SUCCEEDED

    def get_allowed_auths(self, username):
        return "password"


class _Handle(paramiko.SFTPHandle):
    def stat(self):
        return paramiko.SFTPAttributes.from_stat(os.fstat(self.readfile.fileno()))


class _Files(paramiko.SFTPServerInterface):
    """Paths are those of the machine. What it raises is answered as a failure."""

    def _tried(self, do):
        try:
            return do()
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno)

    def _done(self, do):
        return self._tried(lambda: (do(), paramiko.SFTP_OK)[1])

    def list_folder(self, path):
        return self._tried(
            lambda: [paramiko.SFTPAttributes.from_stat(one.stat(), one.name) for one in Path(path).iterdir()]
        )

    def stat(self, path):
        return self._tried(lambda: paramiko.SFTPAttributes.from_stat(Path(path).stat()))

    lstat = stat

    def open(self, path, flags, attr):
        def opened():
            file = os.fdopen(os.open(path, flags, 0o666), "r+b" if flags & (os.O_WRONLY | os.O_RDWR) else "rb", 0)
            handle = _Handle(flags)
            handle.readfile = handle.writefile = file
            return handle

        flags = flags & ~os.O_WRONLY | os.O_RDWR if flags & os.O_WRONLY else flags
        return self._tried(opened)

    def remove(self, path):
        return self._done(lambda: Path(path).unlink())

    def posix_rename(self, oldpath, newpath):
        return self._done(lambda: Path(oldpath).replace(newpath))

    def mkdir(self, path, attr):
        return self._done(lambda: Path(path).mkdir())


class SftpServer:
    """From `with` to its end. `connections` counts them; `cut` ends all there are."""

    def __init__(self) -> None:
        self.key = paramiko.ECDSAKey.generate()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.url = f"sftp://{USER}:{PASSWORD}@127.0.0.1:{self.port}"
        self.connections = 0
        self._transports: list[paramiko.Transport] = []
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self) -> SftpServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        if not self._thread.is_alive():
            return
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()
        self.cut()

    def cut(self) -> None:
        while self._transports:
            self._transports.pop().close()

    def known_hosts_line(self) -> str:
        return f"[127.0.0.1]:{self.port} {self.key.get_name()} {self.key.get_base64()}\n"

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            transport = paramiko.Transport(connection)
            transport.add_server_key(self.key)
            transport.set_subsystem_handler("sftp", paramiko.SFTPServer, _Files)
            self._transports.append(transport)
            transport.start_server(server=_Door(), event=threading.Event())
