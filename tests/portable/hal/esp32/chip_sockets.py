"""`socket` and `tls` where the interpreter has none (WebAssembly): nobody ever answers there."""

_EINPROGRESS = 115


class Socket:
    """A socket whose connection is under way for ever."""

    def __init__(self, family: int, kind: int) -> None:
        pass

    def setblocking(self, flag: bool) -> None:
        pass

    def setsockopt(self, level: int, option: int, value: int) -> None:
        pass

    def connect(self, address: object) -> None:
        raise OSError(_EINPROGRESS)

    def readinto(self, buffer: bytearray) -> None:
        """There is nothing."""

    def close(self) -> None:
        pass


class FakeSocketModule:
    SOCK_STREAM = 1
    socket = Socket

    @staticmethod
    def getaddrinfo(host: str, port: int) -> "list[tuple[int, int, int, str, tuple[str, int]]]":
        return [(2, 1, 0, "", (host, port))]


class FakeTlsModule:
    """No test here uses TLS."""
