"""Reads what strace saw of a server's files: how long each is, and how much of it a disk would still have.

Synced is what the file held when its last completed fsync or fdatasync *began*. What was written later is in the
kernel's memory only, and a loss of power takes it.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

CALLS = "openat,write,writev,pwrite64,ftruncate,fsync,fdatasync,rename,renameat,renameat2,unlink,unlinkat"
_LINE = re.compile(r"(\d+)\s+(?:<\.\.\. )?(\w+)(\(| resumed>)(.*)", re.DOTALL)
_FILE = re.compile(r"\d+<([^>]*)>")
_NAMES = re.compile(r'"([^"]*)"')
_RESULT = re.compile(r"=\s+(-?\d+)")


@dataclass
class Files:
    """Sizes in bytes, by absolute path. `synced` has only files below `folder`."""

    folder: str
    size: dict[str, int] = field(default_factory=dict)
    synced: dict[str, int] = field(default_factory=dict)
    _begun: dict[str, tuple[str, str, int]] = field(default_factory=dict)  # thread: call, arguments, size at its start

    @classmethod
    def known(cls, folder: str, sizes: Mapping[str, int]) -> "Files":
        """What lies there before the server starts is on the disk."""
        return cls(folder, dict(sizes), dict(sizes))

    def read(self, lines: Iterable[str]) -> "Files":
        """Take in strace's lines (-f -y); returns itself."""
        for line in lines:
            if match := _LINE.match(line):
                self._line(*match.groups())
        return self

    def _line(self, thread: str, call: str, kind: str, rest: str) -> None:
        if kind == "(":
            path = self._path(call, rest)
            if rest.rstrip().endswith("<unfinished ...>"):
                self._begun[thread] = call, rest, self.size.get(path, 0)
                return
            self._done(call, rest, self.size.get(path, 0), rest)
        elif thread in self._begun:
            call, arguments, size = self._begun.pop(thread)
            self._done(call, arguments, size, rest)

    def _path(self, call: str, rest: str) -> str:
        found = _FILE.match(rest)
        return found.group(1) if found and call != "openat" else ""

    def _done(self, call: str, arguments: str, size: int, end: str) -> None:
        result = _RESULT.search(end[end.rfind(")") :])
        code = int(result.group(1)) if result else -1
        if code < 0:
            return
        path = self._path(call, arguments)
        if call == "openat":
            opened = _FILE.search(end[end.rfind("= ") :])
            self._opened(opened.group(1) if opened else "", "O_TRUNC" in arguments)
        elif call.startswith("rename"):
            old, new = _NAMES.findall(arguments)[:2]
            self._renamed(self._absolute(old), self._absolute(new))
        elif call.startswith("unlink"):
            for table in (self.size, self.synced):
                table.pop(self._absolute(_NAMES.findall(arguments)[0]), None)
        elif not path.startswith(self.folder):
            return
        elif call in ("fsync", "fdatasync"):
            self.synced[path] = size
        elif call == "ftruncate":
            self.size[path] = int(arguments.split(",")[1].split(")")[0])
            self.synced[path] = min(self.synced.get(path, 0), self.size[path])
        elif call == "pwrite64":
            offset = int(arguments.rsplit(")", 1)[0].rsplit(",", 1)[1])
            self.size[path] = max(self.size.get(path, 0), offset + code)
        else:
            self.size[path] = self.size.get(path, 0) + code

    def _opened(self, path: str, emptied: bool) -> None:
        if path.startswith(self.folder) and (emptied or path not in self.size):
            self.size[path] = 0
            self.synced.setdefault(path, 0)

    def _renamed(self, old: str, new: str) -> None:
        # A rename is one step for the file system; what the file held and had synced goes with it.
        for table in (self.size, self.synced):
            if old in table:
                table[new] = table.pop(old)

    def _absolute(self, path: str) -> str:
        return path if path.startswith("/") else f"{self.folder}/{path}"
