"""The box on an ESP32: plain (WROOM, WROVER) and S3 with PSRAM."""
