"""The Wi-Fi around the car: a network that may be far, late, or come and go."""


class Air:
    """`join_ms`: from connect to an address. The driver tries again by itself for ever."""

    def __init__(self, ssid: str, key: str, join_ms: int = 3000) -> None:
        self.ssid = ssid
        self.key = key
        self.join_ms = join_ms
        self.is_near = True
        self.is_on = False
        self.is_joined = False
        #: Fault: the next so many calls of the driver raise.
        self.raises = 0
        self.connects = 0
        #: What DHCP names.
        self.name_server = "192.168.4.1"
        self.settings: "list[str]" = []
        self._asked = ("", "")
        self._joining_ms = -1

    def switch(self, is_on: bool) -> None:
        self.is_on = is_on
        if not is_on:
            self.is_joined = False
            self._joining_ms = -1

    def connect(self, ssid: str, key: str) -> None:
        self._asked = (ssid, key)
        self._joining_ms = 0
        self.connects += 1

    def leave(self) -> None:
        """The network goes out of reach."""
        self.is_near = False
        self.is_joined = False
        self._joining_ms = 0

    def fault(self) -> None:
        if self.raises:
            self.raises -= 1
            raise OSError("Wifi Internal Error")

    def status(self) -> int:
        """As `network.STAT_*`."""
        if self.is_joined:
            return 1010
        if not self.is_near or self._asked[0] != self.ssid:
            return 201
        if self._asked[1] != self.key:
            return 202
        return 1001

    def pass_ms(self, ms: int, is_asleep: bool) -> None:
        if is_asleep and self.is_on:
            # Light sleep switches the radio off under the driver.
            self.is_joined = False
            self._joining_ms = 0
            return
        if not self.is_on or self.is_joined or self._joining_ms < 0:
            return
        if self.is_near and self._asked == (self.ssid, self.key):
            self._joining_ms += ms
            self.is_joined = self._joining_ms >= self.join_ms
