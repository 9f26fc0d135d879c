"""Time and memory as a problem grows: ``python benchmarks/packing/growth.py DIRECTORY`` draws one plot each.

Each point is the median over a few fleets at 97 % use, each solved in a process of its own.
"""

from __future__ import annotations

import random
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

from icplan.packing import Bin, Budget, Kind, Problem, pack

#: What grows, through which values; the others stay at the middle one.
GROWTH = {
    "kinds": (2, 5, 10, 20, 40, 80),
    "bins": (10, 30, 100, 300, 1000, 3000),
    "copies per bin": (2, 4, 8, 16, 32),
    "dimensions": (1, 2, 3, 4, 5),
}
USUAL = {"kinds": 12, "bins": 100, "copies per bin": 8, "dimensions": 3}
SEEDS = 3
ROOM = 1_000_000


def fleet(seed: int, kinds: int, bins: int, copies: int, dims: int) -> Problem:
    """Copies of about a bin's room divided by their number, all bins alike, 97 % used."""
    rng = random.Random(f"{seed} {kinds} {bins} {copies} {dims}")  # noqa: S311 - no secrets here
    demands = [tuple(int(ROOM / copies * rng.uniform(0.2, 1.8)) for _ in range(dims)) for _ in range(kinds)]
    ratio = [rng.uniform(0.2, 1.0) for _ in demands]
    taken = max(sum(r * d[j] for r, d in zip(ratio, demands, strict=True)) for j in range(dims))
    scale = 0.97 * bins * ROOM / taken
    numbers = [max(1, int(r * scale)) for r in ratio]
    return Problem(
        (Bin("b", bins, (ROOM,) * dims),),
        tuple(Kind(f"k{i}", n, (d,)) for i, (n, d) in enumerate(zip(numbers, demands, strict=True))),
    )


def point(arguments: list[str]) -> str:
    """Seconds and MiB of one solve."""
    problem = fleet(*map(int, arguments))
    started = time.process_time()
    pack(problem, Budget(10))
    spent = time.process_time() - started
    return f"{spent} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}"


def measure(name: str, value: int) -> tuple[float, float]:
    """Medians of seconds and MiB."""
    size = [str({**USUAL, name: value}[key]) for key in GROWTH]
    lines = [
        subprocess.run(
            [sys.executable, __file__, "point", str(seed), *size], capture_output=True, text=True, check=True
        )
        for seed in range(SEEDS)
    ]
    pairs = [tuple(map(float, line.stdout.split())) for line in lines]
    return statistics.median(p[0] for p in pairs), statistics.median(p[1] for p in pairs)


def plot(name: str, points: list[tuple[int, float, float]]) -> str:
    """A small chart: milliseconds (full line) and MiB (dashed) over what grows, evenly spaced."""
    width, height, left, bottom = 460, 240, 60, 200
    top = max(*(1000 * s for _, s, _ in points), *(m for _, _, m in points)) * 1.1
    across = [left + 360 * i / (len(points) - 1) for i in range(len(points))]

    def line(values: list[float], style: str) -> str:
        path = " ".join(f"{x:.0f},{bottom - 170 * v / top:.0f}" for x, v in zip(across, values, strict=True))
        return f'<polyline points="{path}" fill="none" stroke="black" stroke-width="2" {style}/>'

    def text(x: float, y: float, what: str, anchor: str = "middle") -> str:
        return f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}">{what}</text>'

    labels = [text(x, bottom + 18, str(v)) for x, (v, _, _) in zip(across, points, strict=True)]
    ticks = [text(left - 8, bottom - 170 * share + 4, f"{top * share:.0f}", "end") for share in (0, 0.5, 1)]
    axis = f'<path d="M{left} 30V{bottom}H{left + 370}" fill="none" stroke="gray"/>'
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"'
        ' font-family="sans-serif" font-size="12">'
    )
    return "\n".join(
        [
            head,
            '<rect width="100%" height="100%" fill="white"/>',
            axis,
            line([1000 * s for _, s, _ in points], ""),
            line([m for _, _, m in points], 'stroke-dasharray="6 4"'),
            *labels,
            *ticks,
            text(left + 180, bottom + 36, name),
            text(left + 4, 18, "milliseconds (full) and MiB (dashed)", "start"),
            "</svg>\n",
        ]
    )


def main(target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for name, values in GROWTH.items():
        points = [(value, *measure(name, value)) for value in values]
        (target / f"growth-{name.replace(' ', '-')}.svg").write_text(plot(name, points))
        print(name, " ".join(f"{v}: {1000 * s:.0f} ms, {m:.0f} MiB;" for v, s, m in points))


if __name__ == "__main__":
    if sys.argv[1] == "point":
        print(point(sys.argv[2:]))
    else:
        main(Path(sys.argv[1]))
