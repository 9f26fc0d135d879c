"""Tells, before SageMaker is asked, whether an inference component update can be placed."""
