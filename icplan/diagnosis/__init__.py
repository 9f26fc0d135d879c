"""Why a write hangs or failed, what comes next, what can be done meanwhile, and how it ended."""
