# Without a variant: plain ESP32 (WROOM-32, WROVER), 4 MB. Variants S3 (8 MB) and S3_16M.
if(MICROPY_BOARD_VARIANT STREQUAL "S3" OR MICROPY_BOARD_VARIANT STREQUAL "S3_16M")
    include(boards/mpconfigboard_esp32s3_common.cmake)
    # As MicroPython's own image for it, ESP32_GENERIC_S3-SPIRAM_OCT.
    list(APPEND SDKCONFIG_DEFAULTS
        boards/sdkconfig.flash_qio_80m
        boards/sdkconfig.240mhz
        boards/sdkconfig.spiram_oct
    )
else()
    include(boards/mpconfigboard_esp32_common.cmake)
endif()
# Without Bluetooth (mpconfigboard.h) its part of the SDK would only take memory: on a plain ESP32
# the controller has 56,156 bytes (BTDM_RESERVE_DRAM) set aside before anything runs.
list(REMOVE_ITEM SDKCONFIG_DEFAULTS boards/sdkconfig.ble)

set(BOX_FLASH_MB 4)
if(MICROPY_BOARD_VARIANT STREQUAL "S3")
    set(BOX_FLASH_MB 8)
elseif(MICROPY_BOARD_VARIANT STREQUAL "S3_16M")
    set(BOX_FLASH_MB 16)
endif()

# The SDK wants the whole path of the table, which only the build knows.
set(BOX_SDKCONFIG ${CMAKE_BINARY_DIR}/sdkconfig.box)
file(WRITE ${BOX_SDKCONFIG} "CONFIG_PARTITION_TABLE_CUSTOM=y
CONFIG_PARTITION_TABLE_CUSTOM_FILENAME=\"${MICROPY_BOARD_DIR}/partitions-${BOX_FLASH_MB}MB.csv\"
CONFIG_ESPTOOLPY_FLASHSIZE_4MB=n
CONFIG_ESPTOOLPY_FLASHSIZE_${BOX_FLASH_MB}MB=y
")
list(APPEND SDKCONFIG_DEFAULTS ${MICROPY_BOARD_DIR}/sdkconfig.board ${BOX_SDKCONFIG})

set(MICROPY_FROZEN_MANIFEST ${MICROPY_BOARD_DIR}/manifest.py)
