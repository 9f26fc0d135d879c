"""How SageMaker carries out a change: its steps, its rollback, how long they take."""
