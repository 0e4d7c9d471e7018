"""The power goes: what was synced is there afterwards, and of the rest any part.

A render is recorded. Then the folder is built as a power cut may leave it: up to some call, with all that was synced,
and of what was not, each write whole, in part, as zeros or not at all, and each entry of a folder there or not.
"""

import dataclasses
import json
import os
import random
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from animator.film import folder
from bench import verdict
from bench.night import films
from bench.night.disk import Call, Disk
from bench.night.films import Asked

CUTS = 200


@dataclass
class Inode:
    """A file's bytes: those that are safe, and what was written since."""

    safe: bytes = b""
    since: list[Call] = field(default_factory=list)

    def after(self, chance: random.Random) -> bytes:
        """What may be left of it."""
        content = bytearray(self.safe)
        for call in self.since:
            kept = chance.choice(("whole", "part", "zeros", "none"))
            part = {"part": chance.randrange(len(call.content) + 1), "none": 0}.get(kept, len(call.content))
            written = bytes(part) if kept == "zeros" else call.content[:part]
            if part:
                content.extend(bytes(max(0, call.offset - len(content))))
                content[call.offset : call.offset + part] = written
        return bytes(content)


FOLDER = Inode()


class Machine:
    """Folders and files below `root` as a program sees them, and as they are on the plate."""

    def __init__(self, root: Path) -> None:
        self.root = str(root)
        self.seen: dict[str, Inode] = {}
        self.safe: dict[str, Inode] = {}
        self.since: dict[str, list[dict[str, Inode | None]]] = {}  # by folder: entries that came and went, not synced
        self.journal = b""  # as it was synced: the frames that are promised

    def does(self, call: Call) -> None:
        """Take in one call."""
        if call.what == "create":
            self._enters({call.path: self.seen.get(call.path) or Inode()})
            self.seen[call.path].since.clear()
            self.seen[call.path].safe = b""
        elif call.what == "write":
            self.seen.setdefault(call.path, Inode()).since.append(call)
        elif call.what == "sync" and (call.path == self.root or self.seen.get(call.path) is FOLDER):
            for entries in self.since.pop(call.path, []):
                _apply(self.safe, entries)
        elif call.what == "sync":
            inode = self.seen.setdefault(call.path, Inode())  # ffmpeg's, which nobody saw being made
            inode.safe, inode.since = call.content, []
            if call.path.endswith("/journal.jsonl"):
                self.journal = call.content
        elif call.what == "rename":
            self._enters({call.path: None, call.other: self.seen.get(call.path)})
        elif call.what == "link":
            self._enters({call.other: self.seen.get(call.path)})
        elif call.what == "remove":
            self._enters({call.path: None})
        elif call.what == "folder":
            self._enters({call.path: FOLDER})

    def _enters(self, entries: dict[str, Inode | None]) -> None:
        _apply(self.seen, entries)
        self.since.setdefault(os.path.dirname(next(iter(entries))), []).append(entries)

    def after(self, chance: random.Random) -> dict[str, bytes]:
        """The files that may be left, by path."""
        left = dict(self.safe)
        for pending in self.since.values():
            for entries in pending:
                if chance.random() < 0.5:
                    _apply(left, entries)
        there = {path for path, inode in left.items() if inode is FOLDER} | {self.root}
        return {
            path: inode.after(chance)
            for path, inode in left.items()
            if inode is not FOLDER and all(str(part) in there for part in _above(path, self.root))
        }


def _above(path: str, root: str) -> list[Path]:
    """The folders in which it lies, down from the root."""
    return [part for part in Path(path).parents if part.is_relative_to(root)]


def _apply(names: dict[str, Inode], entries: dict[str, Inode | None]) -> None:
    for path, inode in entries.items():
        if inode is None:
            names.pop(path, None)
        else:
            names[path] = inode


def run(asked: Asked) -> bool:
    """Cut the power of recorded renders, of a new film and of one that is edited, and render on."""
    chance, bad, lost, cuts = random.Random(asked.seed), 0, 0, asked.of(CUTS)
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        scene = films.short(root, frames=6)
        peaceful = films.rendered(scene, root / "peace")
        record = _recorded(scene, root)
        for _ in range(cuts):
            out, machine = root / "out", Machine(root / "out")
            for call in record[: chance.randint(1, len(record))]:
                machine.does(call)
            out.mkdir()
            for path, content in machine.after(chance).items():
                Path(path).parent.mkdir(parents=True, exist_ok=True)
                Path(path).write_bytes(content)
            promised = len({json.loads(line)["frame"] for line in machine.journal.splitlines()})
            lost += max(0, promised - folder.whole(folder.Folder(out / "short")))
            code = films.ended(films.forked(lambda: films.render(scene, out)))  # noqa: B023 - it runs at once
            bad += code != 0 or films.hashes(out) != peaceful
            shutil.rmtree(out)
    print(f"seed {asked.seed}: {len(record)} calls; {cuts} cuts, {bad} not recovered, {lost} frames lost")
    return verdict(f"{cuts} power cuts, wrong", bad + lost, 0, lambda value, bar: value <= bar)


def _recorded(scene: Path, root: Path) -> list[Call]:
    out, notes = root / "out", root / "calls.jsonl"

    def work() -> int:
        disk = Disk(out, records=[])
        disk.install()
        code = films.render(scene, out)
        calls = [{**dataclasses.asdict(call), "content": call.content.hex()} for call in disk.records or ()]
        notes.write_text("\n".join(map(json.dumps, calls)))
        return code

    assert films.ended(films.forked(work)) == 0
    shutil.rmtree(out)
    found = map(json.loads, notes.read_text().splitlines())
    return [Call(**{**call, "content": bytes.fromhex(call["content"])}) for call in found]
