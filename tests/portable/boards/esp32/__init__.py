"""The whole box on a simulated ESP32."""
