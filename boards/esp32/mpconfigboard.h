// The box on an ESP32. Whoever asks `sys.implementation._machine` finds the chip behind "with".

// mpconfigport.h includes this before any header of the SDK: without the next line some of
// MicroPython's files would not know the chip yet, and be built for another one than the rest.
#include "sdkconfig.h"

#define MICROPY_HW_BOARD_NAME "Kagibako box"
#if CONFIG_IDF_TARGET_ESP32S3
#define MICROPY_HW_MCU_NAME "ESP32-S3"
#define MICROPY_HW_ENABLE_UART_REPL (1)
#else
#define MICROPY_HW_MCU_NAME "ESP32"
// A heap that is too small doubles, and Wi-Fi and TLS want the rest (docs/performance.md). An S3
// with PSRAM grows in there.
#define MICROPY_GC_INITIAL_HEAP_SIZE (88 * 1024)
#endif

// Nothing here speaks to phones or other boxes by radio.
#define MICROPY_PY_BLUETOOTH (0)
#define MICROPY_PY_ESPNOW (0)
