"""Code as it was typed, and never as a command to a plug-in.

Plug-ins of Obsidian run what stands in code: Dataview `= …` and `$= …` in code spans and blocks named
`dataviewjs`, Templater `<% … %>` anywhere in a new file. A chat is written by strangers, so none of that
may come out of it as such.
"""

from __future__ import annotations

import re

_TICKS = re.compile("`+")
_TEMPLATER = re.compile("<(?=%)")
_WORD_JOINER = "\u2060"
_RUNS = re.compile(r"\s*\$?=|.*<%")
_HTML = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;"} | {mark: f"\\{mark}" for mark in "\\`*_[]|~$#=%^:"}
)

LANGUAGES = frozenset({
    "ada", "apacheconf", "asm", "awk", "bash", "basic", "bat", "batch", "c", "c#", "c++", "clojure",
    "cmake", "cobol", "console", "cpp", "cs", "csharp", "css", "csv", "cuda", "d", "dart", "delphi", "diff",
    "docker", "dockerfile", "elixir", "elm", "erlang", "f#", "fortran", "fsharp", "gdscript", "git", "glsl",
    "go", "golang", "gradle", "graphql", "groovy", "haskell", "hcl", "hlsl", "hs", "html", "http", "ini",
    "java", "javascript", "js", "json", "json5", "jsonc", "jsx", "julia", "kotlin", "kt", "latex", "less",
    "lisp", "log", "lua", "makefile", "markdown", "markup", "matlab", "md", "mysql", "nasm", "nginx", "nim",
    "nix", "objc", "objective-c", "objectivec", "ocaml", "pascal", "patch", "perl", "php", "plain",
    "plaintext", "postgresql", "powershell", "prolog", "properties", "protobuf", "ps1", "purescript", "py",
    "python", "python3", "r", "racket", "rb", "regex", "rs", "ruby", "rust", "sass", "scala", "scheme",
    "scss", "sh", "shell", "solidity", "sql", "svg", "swift", "tcl", "terraform", "tex", "text", "toml",
    "ts", "tsx", "txt", "typescript", "vb", "vbnet", "verilog", "vhdl", "vim", "wasm", "xml", "yaml", "yml",
    "zig", "zsh",
})  # fmt: skip


def make_span(code: str, *, in_link: bool = False) -> str:
    """Return one line of clean text as a code span; `<code>` where backticks would make it a command.

    So too in a link's text where it has the end of a definition, `[a]: b`, since the link may begin a line.
    """
    if not code.strip():
        return code
    if _RUNS.match(code) or (in_link and "]:" in code):
        return f"<code>{code.translate(_HTML)}</code>"
    longest = max((len(run) for run in _TICKS.findall(code)), default=0)
    ticks = "`" * (longest + 1) if longest else "`"
    needs_room = code[0] == "`" or code[-1] == "`" or (code[0] == " " == code[-1])
    return f"{ticks} {code} {ticks}" if needs_room else f"{ticks}{code}{ticks}"


def make_block(code: str, language: str) -> str:
    """Return clean text as a fenced block.

    Only a language that is well known stands behind the fence as it is: any other name may be that of a
    plug-in that runs the block, so it gets `x-` before it. Between `<` and `%` goes a word joiner.
    """
    body = break_commands(code.strip("\n"))
    longest = max((len(run) for run in _TICKS.findall(body)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{_name_language(language)}\n{body}\n{fence}"


def break_commands(text: str) -> str:
    """Return text in which Templater finds no command, though it looks the same."""
    return _TEMPLATER.sub("<" + _WORD_JOINER, text)


def _name_language(language: str) -> str:
    name = re.sub(r"[^\w+#.-]", "", language.lower())
    return name if not name or name in LANGUAGES else f"x-{name}"
