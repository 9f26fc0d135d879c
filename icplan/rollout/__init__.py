"""How SageMaker carries out a change."""
