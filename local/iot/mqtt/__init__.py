"""An MQTT 3.1.1 and 5 broker with the service's own limits and deviations; knows nothing of rules.

Why an own one. amqtt, the one broker on PyPI, loses 128 KB payloads and offline messages and has neither takeover nor
version 5; mosquitto is complete but need not be there, matches `a/#` with `a`, and answers a message before a rule has
seen it. Here a QoS 1 message is acknowledged when its rules' actions are done, so that what a killed run did not take
in is sent again by the client. docs/howto/mqtt.md lists what the clients were tried with.
"""
