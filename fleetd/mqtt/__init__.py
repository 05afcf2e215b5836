"""The daemon's own MQTT 3.1.1 endpoint, in parts; `fleetd.mqtt_endpoint` joins them."""
