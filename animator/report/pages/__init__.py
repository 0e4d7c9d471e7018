"""Web pages that need nothing but themselves: Jinja2 templates with autoescape, one style, and a policy for browsers.

No page asks anybody else for anything. Its own style and script are let through by their hashes, so what a prompt or a
file's name holds is text and stays text.
"""

import base64
import hashlib
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jinja2
from markupsafe import Markup

FOLDER = Path(__file__).parent
LIVE = "film.js"  # the script that looks at its page again


def page(template: str, script: str = "", **values: Any) -> str:
    """A page as text: a template of this folder, with its script, if it has one."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER), autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True
    )
    environment.filters["address"] = address
    style = (FOLDER / "style.css").read_text(encoding="utf-8")
    code = (FOLDER / script).read_text(encoding="utf-8") if script else ""
    code_may_ask = script == LIVE
    made = {"style": Markup(style), "script": Markup(code)}
    return environment.get_template(template).render(policy=policy(style, code, code_may_ask), **made, **values)


def address(path: str) -> str:
    """A relative path as an address; what means something in one is written as a number."""
    return quote(path, safe="/")


def policy(style: str, script: str, asks: bool = False) -> str:
    """What a browser may do for a page: show its own pictures and films, and use what has these hashes. A script that
    `asks` may fetch the page itself anew."""
    code = f"'{_hash(script)}'" if script else "'none'"
    parts = {
        "default-src": "'none'",
        "img-src": "'self' file:",
        "media-src": "'self' file:",
        "style-src": f"'{_hash(style)}'",
        "script-src": code,
        "connect-src": "'self'" if asks else "'none'",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in parts.items())


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
