"""Steps of a rollout judged against every world that the snapshot allows."""
