#!/bin/sh
# Builds the box's own MicroPython: boards/esp32/build.sh MICROPYTHON [S3|S3_16M]
# MICROPYTHON is a clone of MicroPython v1.29.0 with its submodules and mpy-cross built; ESP-IDF
# (the version that its ports/esp32/README.md names) has to be in the environment.
set -eu
fail() {
    echo "$0: $1" >&2
    exit 2
}
[ $# -ge 1 ] || fail "usage: $0 MICROPYTHON [S3|S3_16M]"
port=$(cd "$1/ports/esp32" 2>/dev/null && pwd) || fail "$1 is no clone of MicroPython: there is no ports/esp32 in it"
case "${2:-}" in '' | S3 | S3_16M) ;; *) fail "$2 is no variant; give S3 or S3_16M, or nothing for a plain ESP32" ;; esac
box=$(cd "$(dirname "$0")/../.." && pwd)
cd "$box"
[ -x .venv/bin/python ] || fail "there is no .venv in $box; type: make -C $box .venv/run.stamp"
rm -rf build/esp32/program
.venv/bin/python -m tools.esp32_image
.venv/bin/python -m tools.esp32_program build/esp32/program
make -C "$port" BOARD_DIR="$box/boards/esp32" BOARD=kagibako ${2:+BOARD_VARIANT="$2"} \
    BUILD="$box/build/esp32/image${2:+-$2}"
echo "build/esp32/image${2:+-$2}/firmware.bin is what goes to address 0x1000 (ESP32) or 0x0 (S3)"
