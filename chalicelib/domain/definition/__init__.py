"""The definition language: object catalogue, encodings, inheritance, parameters, validation, edit rules."""
