"""What is read of an endpoint, one file per part."""
