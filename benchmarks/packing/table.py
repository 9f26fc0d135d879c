"""Rows of results as Markdown tables."""

from __future__ import annotations

from typing import Any

Rows = list[dict[str, Any]]

MARKS = (0.01, 0.1, 1.0, 10.0)


def decided(row: dict[str, Any]) -> bool:
    return str(row["Status"]).startswith(("fits", "does-not-fit"))


def quantile(times: list[float], share: float) -> float:
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.1f}" if seconds < 0.1 else f"{seconds * 1000:.0f}"


def table(head: list[str], body: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *body]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def grouped(rows: Rows, *names: str) -> dict[tuple[Any, ...], Rows]:
    groups: dict[tuple[Any, ...], Rows] = {}
    for row in rows:
        groups.setdefault(tuple(row[name] for name in names), []).append(row)
    return groups


def latencies(rows: Rows) -> str:
    """icplan alone: how many are decided and certified, and how long that takes."""
    body = []
    for (size, adversarial), group in grouped(rows, "Size", "Adversarial").items():
        times = [row["Seconds"] for row in group]
        sure = [row for row in group if decided(row)]
        refused = [row for row in sure if row["Status"].startswith("does")]
        body.append(
            [
                size,
                "adversarial" if adversarial else "realistic",
                str(len(group)),
                f"{100 * len(sure) / len(group):.1f} %",
                f"{sum(row['Checked'] is True for row in sure)} of {len(sure)}",
                f"{sum(row['Checked'] is True for row in refused)} of {len(refused)}",
                *[milliseconds(quantile(times, share)) for share in (0.5, 0.9, 0.99)],
                milliseconds(max(times)),
                milliseconds(max(row["CheckSeconds"] for row in group)),
            ]
        )
    head = [
        "size",
        "families",
        "cases",
        "decided",
        "checked",
        "of these refusals",
        "p50 ms",
        "p90",
        "p99",
        "max",
        "longest check ms",
    ]
    return table(head, body)


def comparison(rows: Rows, limit: float) -> str:
    """All methods on the same cases: the share decided within each mark."""
    body = []
    marks = [mark for mark in MARKS if mark <= limit]
    for (size, method), group in sorted(
        grouped(rows, "Size", "Method").items(), key=lambda e: "SML".index(e[0][0])
    ):
        times = [row["Seconds"] if decided(row) else limit for row in group]
        shares = [
            sum(decided(row) and row["Seconds"] <= mark for row in group) / len(group) for mark in marks
        ]
        hard = [row for row in group if row["Adversarial"]]
        body.append(
            [
                size,
                method,
                str(len(group)),
                *[f"{100 * share:.0f} %" for share in shares],
                f"{sum(map(decided, hard))} of {len(hard)}",
                milliseconds(quantile(times, 0.5)),
                milliseconds(max(times)),
                str(max((row["PeakMiB"] or 0) for row in group)),
            ]
        )
    named = [f"{mark * 1000:g} ms" for mark in marks]
    return table(
        ["size", "method", "cases", *named, "adversarial", "median ms", "worst ms", "peak MiB"], body
    )


def per_group(rows: Rows) -> str:
    """Public instances: decided, and never wrongly."""
    body = []
    for (group, method), own in sorted(grouped(rows, "Group", "Method").items()):
        sure = [row for row in own if decided(row)]
        wrong = [
            row for row in sure if row["Fits"] is not None and row["Fits"] != row["Status"].startswith("fits")
        ]
        times = [row["Seconds"] for row in own]
        body.append(
            [
                group,
                method,
                f"{len(sure)} of {len(own)}",
                str(len(wrong)),
                f"{sum(row['Checked'] is True for row in sure)}",
                milliseconds(quantile(times, 0.5)),
                milliseconds(max(times)),
            ]
        )
    return table(["set, items", "method", "decided", "wrong", "checked", "median ms", "worst ms"], body)
