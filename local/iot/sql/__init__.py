"""The SQL of topic rules, version 2016-03-23: text to statement, statement and message to what actions are given.

Pure: time, ids and chance are parts of the message it is handed. Fetching functions (`aws_lambda`, `get_dynamodb`,
`get_secret`, `get_thing_shadow`, `machinelearning_predict`) are refused by name when a statement is read.
Source  AWS IoT Core developer guide, "AWS IoT SQL reference"
"""
