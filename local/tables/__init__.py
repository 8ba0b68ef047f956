"""What the embedded DynamoDB does beyond moto: point-in-time recovery that remembers, and exports of it."""
