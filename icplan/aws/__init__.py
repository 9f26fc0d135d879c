"""The live endpoint, read with read-only calls: the only boto3 beside the guard and the testing tools."""
