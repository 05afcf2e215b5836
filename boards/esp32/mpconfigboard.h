// The box on an ESP32. Whoever asks `os.uname().machine` finds the chip behind "with".
#define MICROPY_HW_BOARD_NAME "Kagibako box"
#ifdef CONFIG_IDF_TARGET_ESP32S3
#define MICROPY_HW_MCU_NAME "ESP32-S3"
#define MICROPY_HW_ENABLE_UART_REPL (1)
#else
#define MICROPY_HW_MCU_NAME "ESP32"
#endif

// Nothing here speaks to phones or other boxes by radio.
#define MICROPY_PY_BLUETOOTH (0)
#define MICROPY_PY_ESPNOW (0)
