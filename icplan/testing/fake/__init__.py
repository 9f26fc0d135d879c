"""A local control plane with inference components, for anyone's tests."""
