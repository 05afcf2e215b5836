#!/bin/sh
# Builds the box's own MicroPython: boards/esp32/build.sh MICROPYTHON [S3|S3_16M]
# MICROPYTHON is a clone of MicroPython v1.29.0 with its submodules and mpy-cross built; ESP-IDF
# (the version that its ports/esp32/README.md names) has to be in the environment.
set -eu
[ $# -ge 1 ] || { echo "usage: $0 MICROPYTHON [S3|S3_16M]" >&2; exit 2; }
box=$(cd "$(dirname "$0")/../.." && pwd)
cd "$box"
rm -rf build/esp32/program
.venv/bin/python -m tools.esp32_image
.venv/bin/python -m tools.esp32_program build/esp32/program
make -C "$1/ports/esp32" BOARD_DIR="$box/boards/esp32" BOARD=kagibako ${2:+BOARD_VARIANT="$2"} \
    BUILD="$box/build/esp32/image${2:+-$2}"
echo "build/esp32/image${2:+-$2}/firmware.bin is what goes to address 0x1000 (ESP32) or 0x0 (S3)"
