"""One SageMaker request: shapes that mirror AWS's, checks, and the merge over what is described."""
