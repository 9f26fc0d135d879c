"""What people and machines read of a verdict, one file per format."""
