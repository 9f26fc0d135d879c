"""The only boto3 beside api/guard and testing/."""
