"""`python -m review`: from the JSON of a preview to the Markdown of a pull-request comment.

Exit codes: 0 done, 1 the program failed, 2 wrong usage or input.
"""

import argparse
import io
import re
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from config.files import DataError
from config.scalars import Tier
from review import drift, post
from review.comment import Options, comment, missing
from review.preview import InputError, Preview, ended, previews, without_digest
from review.reading import given
from review.secrets import clean_text

ROOT = Path(__file__).resolve().parent.parent
_EPILOG = """examples:
  pulumi preview --stack prod --json | python -m review
  python -m review dev.json prod.json --tier 1year
  python -m review clean < update.log          any text, without what looks like a secret
  python -m review drift refresh.json          none, drift or failed
  python -m review missing --stack prod --commit SHA   that there is no preview of it
  python -m review post --body comment.md      (see python -m review post --help)
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the result is the exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    name = given[0] if given else ""
    try:
        return _COMMANDS[name](given[1:]) if name in _COMMANDS else _comment(given)
    except (InputError, OSError, DataError) as error:
        print(f"error: {' '.join(str(error).split())}", file=sys.stderr)
    except RecursionError:
        print("error: no JSON of a preview: nested too deeply", file=sys.stderr)
    return 2


def _comment(arguments: Sequence[str]) -> int:
    options = _parser().parse_args(arguments)
    found = [ended(each, options.status) for each in _read(options.files, options.stack, options.log)]
    wanted = Options(
        marker=_marker(found), tier=options.tier, where=options.where, commit=_commit(options.commit)
    )
    if options.whole:
        options.whole.write_text(comment(found, replace(wanted, limit=None)), encoding="utf-8")
    _write(comment(found, wanted))
    return 0


def _missing(arguments: Sequence[str]) -> int:
    """`python -m review missing`: the comment in place of one that was never made."""
    parser = argparse.ArgumentParser(
        prog="python -m review missing", description="Write the comment that says that there is no preview."
    )
    parser.add_argument("--stack", required=True)
    parser.add_argument("--commit", required=True, metavar="SHA", help="what was to be previewed")
    parser.add_argument("--where", default="", metavar="TEXT", help="where the run can be read")
    options = parser.parse_args(arguments)
    if options.stack not in _stacks():
        raise InputError(f"no stack {options.stack!r}; stacks: {', '.join(_stacks())}")
    _write(
        f"<!-- {marker(options.stack)} -->\n{missing(options.stack, _commit(options.commit), options.where)}"
    )
    return 0


def _commit(text: str) -> str:
    if text and not re.fullmatch("[0-9a-f]{7,64}", text):
        raise InputError(f"no commit: {text[:80]!r}")
    return text


def _clean(arguments: Sequence[str]) -> int:
    if arguments:
        raise InputError("clean takes no arguments: it reads standard input")
    _write(clean_text(given("-")))
    return 0


def _write(text: str) -> None:
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")
    sys.stdout.write(text)


_COMMANDS = {"clean": _clean, "drift": drift.main, "missing": _missing, "post": post.main}


def _marker(found: Sequence[Preview]) -> str:
    return marker("+".join(sorted({preview.stack for preview in found})))


def marker(name: str) -> str:
    """What is hidden in a comment about the stacks of this name."""
    safe = "".join(letter for letter in name if letter.isalnum() or letter in "+_.")
    return f"axiom-monitoring review of {safe[:100]}"


def _stacks() -> list[str]:
    return sorted(path.name.split(".")[1] for path in ROOT.glob("Pulumi.*.yaml"))


def _read(files: Sequence[str], stack: str, log: Path | None) -> list[Preview]:
    if stack and stack not in _stacks():
        raise InputError(
            f"no stack {stack!r}: Pulumi.{stack}.yaml does not exist; stacks: {', '.join(_stacks())}"
        )
    found = []
    for file in files or ["-"]:
        text = given(file)
        try:
            found += previews(text, stack=stack)
        except InputError as error:
            if log is None:
                raise InputError(f"{'standard input' if file == '-' else file}: {error}") from None
            said = given(str(log))
            found.append(without_digest(stack, f"{error}\n{said}"))
    return found


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m review",
        description="Write the pull-request comment about `pulumi preview --json`.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("files", nargs="*", metavar="FILE", help="previews; none or - is standard input")
    parser.add_argument("--stack", default="", help="the stack, where a failed preview names none")
    parser.add_argument(
        "--tier", default="", choices=[*Tier, ""], help="also say what would come if the tier were this"
    )
    parser.add_argument(
        "--log",
        type=Path,
        metavar="FILE",
        help="told in place of a preview that cannot be read: what else was printed",
    )
    parser.add_argument(
        "--whole", type=Path, metavar="FILE", help="also write the comment without a limit of length"
    )
    parser.add_argument(
        "--where", default="", metavar="TEXT", help="where the whole text can be read, for the cut"
    )
    parser.add_argument(
        "--status", type=int, default=0, metavar="N", help="how the engine ended: if not with 0, it failed"
    )
    parser.add_argument("--commit", default="", metavar="SHA", help="what was previewed, for the headline")
    return parser


if __name__ == "__main__":
    sys.exit(main())
