"""AWS IoT Core as far as a pipeline meets it: an MQTT broker, topic rules and their SQL, and the rules' actions.

Belongs to the embedded run and its tests; in the cloud all of it is the service's own work.
"""
