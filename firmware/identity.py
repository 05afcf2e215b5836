"""Who this car is to the centre."""

from firmware.wire.frames import KEY_BYTES, car_from_hex


class Identity:
    """`car_hex`: 12 hex digits, as in topics; `key`: the car's 32 bytes. ValueError otherwise."""

    def __init__(self, car_hex: str, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise ValueError("a car's key has %d bytes, this one %d" % (KEY_BYTES, len(key)))
        self.car_hex = car_hex
        self.car = car_from_hex(car_hex)
        self.key = key
