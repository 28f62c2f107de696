"""What Reelhook is compared to: small servers that do less, or do it as it is usually done."""
