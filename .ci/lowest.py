"""Print constraints that hold every dependency at the lowest release that pyproject.toml allows."""

import re
import tomllib
from pathlib import Path

project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())["project"]
for requirement in project["dependencies"]:
    name, least = re.fullmatch(r"([\w.-]+)>=([\w.]+)", requirement).groups()
    # Of "9.11" any 9.11.x will do: some projects number only those.
    print(f"{name}=={least}" if least.count(".") > 1 else f"{name}=={least}.*")  # noqa: T201
