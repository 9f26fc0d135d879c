"""A local SageMaker with time, capacity, rolling updates, rollback and quotas.

One control plane (`emulator.Emulator`) behind three doors: HTTP (`http_door`), botocore itself, without a
socket (`in_process_door`), and pytest (`pytest_plugin`). Tests use it as `icplan.testing.FakeSageMaker`.
"""
