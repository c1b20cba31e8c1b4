"""Masks what a text assigns to a name of a secret: YAML, JSON and JSON within it, INI, headers, flags.

Each character is looked at a fixed number of times, however hostile the text.
"""

import re
import string
from collections.abc import Callable

from config.secrets import SecretKey
from model.transitions.finding import HIDDEN

WORDS = (
    r"pass(?:word|wd|phrase|code)s?|(?<=[_.-])(?:pass|pwd)"
    r"|secrets|secret[_-]?(?:string|binary|key|value|access[_-]?key)?|(?:auth|access|refresh)[_-]?tokens?|token"
    r"|(?:api|access|private|routing|integration|encryption|signing|session|account|master|shared)[_-]?keys?"
    r"|client[_-]?secret|credentials?|dsn|webhook(?:[_-]?url)?|connection[_-]?string|authorization|signature"
)
_OWN = "|".join(sorted((re.escape(key.value) for key in SecretKey), key=len, reverse=True))
# A name, its closing quote (escaped where it stands in a text of a text), and what assigns.
_KEY = re.compile(rf"(?i)(?:{_OWN}|{WORDS})(\\{{0,9}}[\"']?[ \t]{{0,40}}[:=]>?[ \t]*)")
# A flag and its value, in a line, in a list of JSON or in one of YAML; two directives of Redis.
_FLAG = re.compile(
    rf"(?i)(?:(?<![\w-])--?[\w-]{{0,40}}?(?:{WORDS})|\b(?:requirepass|masterauth))"
    r"(?:\\{0,9}[\"'])?(?:[ \t]{1,40}|,\s{0,40}|\r?\n[ \t]{0,80}-[ \t]{1,40})(?!--)(?=[^\s:=])"
)
# An item that is called after a secret, such as a variable of a container.
_ITEM = re.compile(
    r"(?i)(?<![\w-])(?:name|key)\\{0,9}[\"']?[ \t]{0,40}[:=][ \t]{0,40}\\{0,9}[\"']?([\w.-]{1,100})"
    r"\\{0,9}[\"']?[,\s+~-]{1,100}\\{0,9}[\"']?value(\\{0,9}[\"']?[ \t]{0,40}[:=][ \t]*)"
)
_NAME_BEFORE = re.compile(r"[\w.-]*$")
# An address of AWS, or a type of the engine, in which a colon is no assignment.
_ADDRESS = re.compile(r"arn:[\w-]*:secretsmanager:[\w-]*:\w*:$")
_TYPE = re.compile(r"[a-z]\w{0,40}:[\w-]{1,60}/\w{0,60}$")
_TYPED = re.compile(r"[a-z]\w{0,40}:[\w./-]{1,100}:\w{0,60}$")
# Names below which others say what is secret, as in the pods of Kubernetes and the jobs of Prometheus.
STRUCTURED = frozenset({"authorization", "imagepullsecrets", "secret", "serviceaccounttoken", "webhook"})
_NAMED = re.compile(r"[\s-]{0,200}[\"']?[\w.-]{1,100}[\"']?\s{0,9}:(?:\s|$)")
# A value of JSON that is no text, with what follows it.
_BARE = re.compile(r"(?:(true|false|null)|-?\d[\d.eE+-]{0,60})(?=\s{0,40}[,}\]])")
# What says where a secret lies: an expression of which nothing is left over, or nothing at all.
_ELSEWHERE = re.compile(
    r"(?:\$\{[A-Za-z_][\w.:-]{0,100}\}|\$\([A-Z_][A-Z0-9_]{0,100}\)|\$__(?:file|env)\{[\w./-]{1,200}\}"
    r"|\{\{[\w\s.$|-]{1,100}\}\}|\[secret\]|true|false|null|~|\{\}|\[\])"
)
_BLOCK = re.compile(r"(?:[!&][^\s]{1,100}[ \t]{0,9}){0,2}(?:[|>][-+0-9]{0,3})?[ \t]{0,40}(?:#[^\n]*)?\r?$")
_OPEN = re.compile(r"\s{0,200}[{\[(]\s{0,40}$")
_QUOTE = re.compile(r"(\\{0,15})([\"'])")
_AFTER = re.compile(r"\\{0,9}[\s,;&)}\]\"'<]|$")
_CLOSING = "\\\"',;}])"
_MARGIN = " \t+~>|-"
_IN_NAMES = "_." + string.ascii_letters + string.digits
_PLAIN_END = re.compile(r"[\r\n]")
_WORD_END = re.compile(r"[\s\"']")


def masked(text: str, is_secret: Callable[[str], bool]) -> str:
    """`text` with what `is_secret` says of a name hidden: to the end of the value, the line or the block."""
    lowered = text.lower()
    if "value" in lowered:
        text = _Pass(text, _ITEM, _PLAIN_END, is_secret).run()
    if "-" in lowered or "requirepass" in lowered or "masterauth" in lowered:
        text = _Pass(text, _FLAG, _WORD_END, is_secret).run()
    return _Pass(text, _KEY, _PLAIN_END, is_secret).run() if ":" in text or "=" in text else text


class _Pass:
    """One look at a text for one way to assign."""

    def __init__(
        self, text: str, pattern: re.Pattern[str], end: re.Pattern[str], is_secret: Callable[[str], bool]
    ) -> None:
        self.text, self.pattern, self.end, self.is_secret = text, pattern, end, is_secret

    def run(self) -> str:
        """The text with its values hidden."""
        written, copied, place = [], 0, 0
        while found := self.pattern.search(self.text, place):
            place = found.end()
            if not self._is_meant(found):
                continue
            until, shown = self._value(found)
            if until > place:
                written += [self.text[copied:place], shown]
                copied = place = until
        return "".join([*written, self.text[copied:]]) if written else self.text

    def _is_meant(self, found: re.Match[str]) -> bool:
        if self.pattern is not _KEY:
            return self.pattern is _FLAG or self.is_secret(found[1])
        before = self.text[max(0, found.start() - 160) : found.start()]
        after = self.text[found.end() : found.end() + 1]
        if _ADDRESS.search(before) or (after.isupper() and found[1] == ":" and _TYPE.search(before)):
            return False
        if after == ":" and _TYPED.search(before):
            return False
        return self.is_secret(self._name(found))

    def _name(self, found: re.Match[str]) -> str:
        before = _NAME_BEFORE.search(self.text[max(0, found.start() - 40) : found.start()])
        return (before[0] if before else "") + found[0][: len(found[0]) - len(found[1])]

    def _value(self, found: re.Match[str]) -> tuple[int, str]:
        """Where the value that begins at the end of a match ends, and what is shown in its place."""
        start = found.end()
        if quote := _QUOTE.match(self.text, start):
            return self._quoted(quote)
        bare = _BARE.match(self.text, start)
        if bare and '"' in found[0]:
            return (start, "") if bare[1] else (bare.end(), f'"{HIDDEN}"')
        end = self._end(start)
        raw = self.text[start:end].strip()
        if _BLOCK.fullmatch(raw) or _OPEN.fullmatch(raw):
            below = start if self._is_structured(found, raw, end) else self._below(found, end)
            return (below, HIDDEN) if below > end else (start, "")
        if _ELSEWHERE.fullmatch(raw.rstrip(_CLOSING)) or _ELSEWHERE.fullmatch(raw):
            return start, ""
        return (self._below(found, end) if self.pattern is _KEY else end), HIDDEN

    def _is_structured(self, found: re.Match[str], raw: str, end: int) -> bool:
        """Whether names stand below this one that are judged by themselves."""
        if self.pattern is not _KEY or raw[:1] in ("|", ">") or self._name(found).lower() not in STRUCTURED:
            return False
        return bool(_NAMED.match(self.text, end))

    def _end(self, start: int) -> int:
        found = self.end.search(self.text, start)
        return found.start() if found else len(self.text)

    def _quoted(self, quote: re.Match[str]) -> tuple[int, str]:
        """A value in quotes: to the one that closes it, or to the end of the line where more follows it."""
        text, depth, mark = self.text, len(quote[1]), quote[2]
        place = quote.end()
        while closing := _QUOTE.search(text, place):
            place, run = closing.end(), len(closing[1])
            if closing[2] != mark:
                continue
            doubled = mark == "'" and text[place : place + 1] == "'"
            if doubled and not run:
                place += 1
            elif run < depth or (run // (depth + 1)) % 2 == 0:
                inside = text[quote.end() : closing.start()]
                if not inside or _ELSEWHERE.fullmatch(inside):
                    return quote.start(), ""
                until = place if _AFTER.match(text, place) else self._end(place)
                ends = f"{quote[1]}{mark}" if until == place else ""
                return until, f"{quote[0]}{HIDDEN}{ends}"
        return len(text), f"{quote[0]}{HIDDEN}"

    def _below(self, found: re.Match[str], end: int) -> int:
        """The end of the lines below `end` that are further in than the key: a block, or all below it."""
        column = self._column(found.start())
        place = told = end
        while column is not None and (start := self.text.find("\n", place) + 1):
            stop = self.text.find("\n", start)
            stop = len(self.text) if stop < 0 else stop
            line = self.text[start:stop]
            inner = line.lstrip(_MARGIN)
            if inner.strip() and len(line) - len(inner) <= column:
                break
            place, told = stop, stop if inner.strip() else told
        return told

    def _column(self, start: int) -> int | None:
        """Where on its line the name at `start` begins; None where other words stand before it."""
        near = max(0, start - 400)
        first = self.text.rfind("\n", near, start) + 1
        if not first and near:
            return None
        lead = self.text[first:start].rstrip(_IN_NAMES).rstrip("\"'\\")
        return None if lead.strip(_MARGIN) else len(lead)
