"""How fast is the renderer? `python -m bench`, or `python -m bench --works "vqgan 256" --rounds 9`.

Each work is done in turns by the renderer in bfloat16 and in float32 and by the plain loop of `bench.reference`, each
in a process of its own (`bench.side`), some seconds of steps a turn. A ratio is that of two neighbours in time, so that
a machine which is slow for a minute does not decide; printed is the median of the ratios, with the lowest and the
highest. The share of the peak is what a side computes a second, over what one large product does. The JSON goes to
outputs/bench.json; `--results` also rewrites this machine's part of bench/RESULTS.md. With `--works`, the other figures
of that JSON stay.
"""

import argparse
import datetime
import json
import platform
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import torch

from bench import steady, verdict
from bench.works import SIDES, WORKS

ROOT = Path(__file__).parents[1]
RESULTS = Path(__file__).with_name("RESULTS.md")
JSON = Path("outputs/bench.json")
PARTS = ("decode", "cutouts", "encode", "backward", "step")
STEPS = 10  # of a frame

# (work, side) -> times faster than the reference, and steps a second
BARS: dict[str, dict[tuple[str, str], tuple[float, float]]] = {
    "cpu": {
        ("vqgan 256", "ours bf16"): (3.5, 0),
        ("vqgan 256", "ours fp32"): (1.8, 0),
        ("siren 256", "ours bf16"): (9, 0),
        ("siren 512", "ours bf16"): (14, 0),
    },
    "cuda": {("vqgan 512", "ours bf16"): (5, 100), ("siren 512", "ours bf16"): (10, 150)},
}
FRAME = {"cpu": 0.01, "cuda": 0.05}  # bar of all in a frame that is not a step
FILM, FILMS = 60.0, 3  # bar of scenes/hello.yaml, seconds, and how often it is rendered
BEFORE, NOT_SLOWER = "before, ", 0.97  # sides of another checkout, and the bar of our speed over theirs
GROWTH = 1.02  # bar of frame 1,000 over frame 10
ALSO = ("hello", "steady")


@contextmanager
def side(work: str, name: str, device: str, checkout: Path) -> Iterator[Any]:
    """A process that answers orders; see `bench.side`. Its code is that of a checkout."""
    command = [sys.executable, "-m", "bench.side", work, name, device]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=checkout) as process:

        def ask(order: str) -> dict[str, float]:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(f"{order}\n")
            process.stdin.flush()
            answer: dict[str, float] = json.loads(process.stdout.readline())
            return answer

        try:
            yield ask
        finally:
            process.kill()


def measure(work: str, device: str, rounds: int, names: list[str], against: Path | None) -> dict[str, Any]:
    """One work: for each side, the medians of its parts, and its ratio to the reference round by round. `against` is
    another checkout, whose sides take turns with ours."""
    found: dict[str, Any] = {}
    sides = {name: (name, ROOT) for name in names}
    if against is not None:
        sides |= {f"{BEFORE}{name}": (name, against) for name in names if name != "reference"}
    steps: dict[str, list[dict[str, float]]] = {name: [] for name in sides}
    with ExitStack() as stack:
        asks = {
            label: stack.enter_context(side(work, name, device, checkout)) for label, (name, checkout) in sides.items()
        }
        for number in range(-1, rounds):
            for name, ask in asks.items():
                parts = ask("turn")
                if number >= 0:  # the first warms up
                    steps[name].append(parts)
        for name, ask in asks.items():
            frame = [ask("frame") for _ in range(2)][1]
            operations, limits = ask("count")["operations"], ask("limits")
            totals = [sum(parts.values()) for parts in steps[name]]
            ratios = [sum(base.values()) / total for base, total in zip(steps["reference"], totals, strict=True)]
            found[name] = {
                "seconds": statistics.median(totals),
                "ratio": statistics.median(ratios),
                "spread": [min(ratios), max(ratios)],
                "parts": {key: statistics.median(parts.get(key, 0.0) for parts in steps[name]) for key in PARTS},
                "roofline": operations / statistics.median(totals) / limits["peak"],
                "frame": frame,
                "outside": sum(frame.values()) / (sum(frame.values()) + STEPS * statistics.median(totals)),
                "peak": limits["peak"] / 1e9,
                "memory": limits["memory"],
            }
    return found


def show(work: str, measured: dict[str, Any]) -> list[str]:
    """A work's table in Markdown."""
    lines = [
        f"**{work}**, in milliseconds; {measured['date']}, `{measured['command']}`",
        "",
        f"| | {' | '.join(PARTS)} | all | times faster | spread | of the peak | memory | outside of {STEPS} steps |",
        "|---|" + "---:|" * (len(PARTS) + 6),
    ]
    for name, figures in measured["sides"].items():
        cells = (
            *(f"{1000 * figures['parts'][part]:.0f}" for part in PARTS),
            f"{1000 * figures['seconds']:.0f}",
            f"{figures['ratio']:.2f}",
            "{:.2f} to {:.2f}".format(*figures["spread"]),
            f"{100 * figures['roofline']:.0f} %",
            f"{figures['memory']:.0f} MB",
            f"{100 * figures['outside']:.1f} %",
        )
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return [*lines, ""]


def hello() -> float:
    """Seconds from the command to the film, of the fastest of some: on a machine that others use, too, the rest is
    theirs."""
    return min(_film() for _ in range(FILMS))


def _film() -> float:
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        command = [sys.executable, "render.py", "scenes/hello.yaml", "--out", folder]
        subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return time.perf_counter() - began


def judge(device: str, figures: dict[str, Any]) -> list[tuple[str, float, float, bool]]:
    """(name, value, bar, more is better) of all that was measured and has a bar."""
    rows = []
    for (work, name), (faster, rate) in BARS[device].items():
        if name in figures["works"].get(work, {}).get("sides", {}):
            found = figures["works"][work]["sides"][name]
            rows.append((f"{work}, {name}: times faster than the reference", found["ratio"], faster, True))
            if rate:
                rows.append((f"{work}, {name}: steps a second", 1 / found["seconds"], rate, True))
            if name.endswith("bf16"):
                share = found["outside"]
                rows.append((f"{work}, {name}: share of a frame outside of its steps", share, FRAME[device], False))
    for work, found in figures["works"].items():
        for name, figure in found["sides"].items():
            if name.startswith(BEFORE):
                ours = found["sides"][name.removeprefix(BEFORE)]
                faster = figure["seconds"] / ours["seconds"]
                rows.append((f"{work}, {name.removeprefix(BEFORE)}: times as fast as before", faster, NOT_SLOWER, True))
    if "hello" in figures:
        rows.append(("scenes/hello.yaml, seconds", figures["hello"], FILM, False))
    for key, value in figures.get("steady", {}).items():
        rows.append((f"frame 1,000 over frame 10, {key}", value, GROWTH, False))
    return rows


def machine(device: str) -> str:
    """What the figures were measured on."""
    if device == "cuda":
        return torch.cuda.get_device_name()
    names = [line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")]
    family = [line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("cpu family")]
    name = f"{names[0]} (family {family[0]})" if names and family else platform.processor()
    return f"{name}, {torch.get_num_threads()} threads"


def _lines(path: str) -> list[str]:
    return Path(path).read_text().splitlines() if Path(path).exists() else []


def report(place: str, figures: dict[str, Any], rows: list[tuple[str, float, float, bool]]) -> None:
    """Put this machine's part into RESULTS.md, in place of an older one."""
    lines = [f"## {place}", "", f"Python {platform.python_version()}, torch {torch.__version__}", ""]
    for work, found in figures["works"].items():
        lines += show(work, found)
    lines += ["| figure | value | bar | |", "|---|---:|---:|---|"]
    for name, value, bar, more in rows:
        met = value >= bar if more else value <= bar
        lines.append(f"| {name} | {value:.3g} | {bar:g} | {'ok' if met else 'short'} |")
    head, *parts = RESULTS.read_text().split("\n## ")
    kept = [part for part in parts if not part.startswith(f"{place}\n")]
    RESULTS.write_text("\n## ".join([head, *kept, "\n".join(lines)[3:] + "\n"]))


def main() -> bool:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="cpu", choices=list(BARS))
    parser.add_argument("--works", nargs="*", choices=[*WORKS, *ALSO], help="default: all with a bar on the device")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--sides", nargs="*", choices=list(SIDES), help="default: all; the reference is always there")
    parser.add_argument("--against", type=Path, help="another checkout, measured in turns with this one")
    parser.add_argument("--results", action="store_true", help="rewrite this machine's part of bench/RESULTS.md")
    chosen = parser.parse_args()
    names = [name for name in SIDES if name == "reference" or name in (chosen.sides or SIDES)]
    works = chosen.works or [*dict.fromkeys(work for work, _ in BARS[chosen.device]), *ALSO]
    figures: dict[str, Any] = {"machine": machine(chosen.device), "works": {}}
    if chosen.works and JSON.exists() and (old := json.loads(JSON.read_text()))["machine"] == figures["machine"]:
        figures = old  # what is not measured now is as it was
    for work in (name for name in works if name in WORKS):
        figures["works"][work] = {
            "date": datetime.date.today().isoformat(),
            "command": shlex.join(["python", "-m", "bench", *sys.argv[1:]]),
            "sides": measure(work, chosen.device, chosen.rounds, names, chosen.against),
        }
        print("\n".join(show(work, figures["works"][work])), flush=True)
    if "hello" in works:
        figures["hello"] = hello()
    if "steady" in works:
        figures["steady"] = steady.growth(chosen.device)
    rows = judge(chosen.device, figures)
    JSON.parent.mkdir(parents=True, exist_ok=True)
    JSON.write_text(json.dumps(figures, indent=1) + "\n")
    if chosen.results:
        report(figures["machine"], figures, rows)
    met = [
        verdict(name, value, bar, None if more else lambda value, bar: value <= bar) for name, value, bar, more in rows
    ]
    return all(met)


if __name__ == "__main__":
    sys.exit(not main())
