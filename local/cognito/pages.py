"""The sign-in page: plain, without scripts, usable with a keyboard and a screen reader."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from html import escape

_STYLE = """
:root { color-scheme: light dark; --card: light-dark(#fff, #171d24); --text: light-dark(#17202a, #e6ebf0);
  --faint: light-dark(#54606d, #a2aebb); --line: light-dark(#dce1e7, #2b343f); --edge: light-dark(#828c98, #6b7785);
  --focus: light-dark(#07587a, #6cc7e8); font: 15px/1.5 Inter, "Segoe UI", system-ui, -apple-system, sans-serif }
* { box-sizing: border-box }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1.5rem 1rem; color: var(--text);
  background: light-dark(#f5f7f9, #0f1419) }
main { width: 100%; max-width: 24rem; padding: 2rem 1.75rem; background: var(--card); border: 1px solid var(--line);
  border-radius: 12px; box-shadow: 0 1px 2px rgb(0 0 0 / 8%), 0 12px 32px rgb(0 0 0 / 8%) }
svg { display: block; width: 2.5rem; height: 2.5rem; margin-bottom: 1rem }
h1 { font-size: 1.4rem; line-height: 1.25; letter-spacing: -.012em; margin: 0 0 .25rem }
p { margin: .5rem 0 }
label { display: block; margin: 1rem 0 .25rem; font-weight: 600 }
input { width: 100%; font: inherit; color: inherit; padding: .5rem .65rem; background: transparent;
  border: 1px solid var(--edge); border-radius: 6px }
button { margin-top: 1.5rem; width: 100%; font: inherit; font-weight: 600; padding: .6rem; border: 0;
  border-radius: 6px; color: #fff; background: #0b6e8f; cursor: pointer }
button:hover { background: #085874 }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px }
[role=alert] { margin: 1rem 0 0; padding: .5rem .75rem; border-left: 4px solid light-dark(#a3161f, #ff9a9f);
  border-radius: 6px; color: light-dark(#a3161f, #ff9a9f); background: light-dark(#fce6e7, #431a1d) }
aside { margin-top: 1.75rem; padding-top: 1rem; border-top: 1px solid var(--line); font-size: .9rem;
  color: var(--faint) }
dl { display: grid; grid-template-columns: auto 1fr; gap: .15rem .75rem; margin: .5rem 0 0 }
dt, code { font-family: ui-monospace, monospace; color: var(--text) }
dd { margin: 0 }
"""
STYLE_HASH = b64encode(sha256(_STYLE.encode()).digest()).decode()
"""Of the one style that a page's security policy lets in."""
_MARK = (
    '<svg viewBox="0 0 32 32" aria-hidden="true"><rect width="32" height="32" rx="7" fill="#0b6e8f"/>'
    '<path d="M7 9h11a7 7 0 0 1 0 14h-5v-4h5a3 3 0 0 0 0-6H7z" fill="#fff"/>'
    '<circle cx="9" cy="21" r="2.2" fill="#fff"/></svg>'
)


@dataclass(frozen=True, slots=True)
class ReadyMade:
    """People whom anybody on this machine may be: their password, and what each may do."""

    password: str
    people: Mapping[str, str]


def sign_in(action: str, username: str = "", fault: str = "", ready: ReadyMade | None = None) -> str:
    """Asks for name and password. `action` is where they go; `ready`: who is told about below."""
    return _form(
        "Sign in to Penstock",
        action,
        fault,
        _field("username", "Username", "text", "username", username),
        _field("password", "Password", "password", "current-password"),
        "<button>Sign in</button>",
        below=_told(ready) if ready else "",
    )


def new_password(action: str, username: str, session: str, fault: str = "") -> str:
    """Asks for the password that replaces a temporary one."""
    return _form(
        "Choose a new password",
        action,
        fault,
        f'<input type="hidden" name="username" value="{escape(username)}">',
        f'<input type="hidden" name="session" value="{escape(session)}">',
        "<p>Your password was a temporary one. The new one needs 12 characters: a small letter, a capital, "
        "a digit and a sign.</p>",
        _field("new_password", "New password", "password", "new-password"),
        "<button>Set password and sign in</button>",
    )


def fault(reason: str) -> str:
    """Says what is wrong where there is nothing to fill in."""
    return _page("Cannot sign in", f'<h1>Cannot sign in</h1><p role="alert">{escape(reason)}</p>')


def signed_out() -> str:
    """Says that nobody is signed in any more."""
    return _page("Signed out", "<h1>Signed out</h1><p>You can close this page.</p>")


def _form(title: str, action: str, fault: str, *parts: str, below: str = "") -> str:
    alert = f'<p role="alert">{escape(fault)}</p>' if fault else ""
    form = f'<form method="post" action="{escape(action)}">{"".join(parts)}</form>'
    return _page(title, f"<h1>{escape(title)}</h1>{alert}{form}{below}")


def _told(ready: ReadyMade) -> str:
    people = "".join(f"<dt>{escape(name)}</dt><dd>{escape(may)}</dd>" for name, may in ready.people.items())
    return (
        '<aside aria-label="Ready-made users">Ready-made users of this machine, all with the password '
        f"<code>{escape(ready.password)}</code><dl>{people}</dl></aside>"
    )


def _field(name: str, label: str, kind: str, completes: str, value: str = "") -> str:
    filled = f' value="{escape(value)}"' if value else ""
    return (
        f'<label for="{name}">{label}</label>'
        f'<input id="{name}" name="{name}" type="{kind}" autocomplete="{completes}" required{filled}>'
    )


def _page(title: str, body: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body><main>{_MARK}{body}</main></body></html>"
    )
