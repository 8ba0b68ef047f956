"""Access keys that the embedded AWS gave out, so that the gateway can check what they sign."""
