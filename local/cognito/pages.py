"""The sign-in page: plain, without scripts, usable with a keyboard and a screen reader."""

from html import escape

_STYLE = """
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 24rem; margin: 4rem auto; padding: 0 1rem;
  color: #1a1a1a; background: #fff }
h1 { font-size: 1.5rem }
label { display: block; margin-top: 1rem; font-weight: 600 }
input { width: 100%; box-sizing: border-box; font: inherit; padding: .5rem; border: 1px solid #595959;
  border-radius: 4px }
button { margin-top: 1.5rem; width: 100%; font: inherit; padding: .6rem; border: 0; border-radius: 4px; color: #fff;
  background: #0b5cad; cursor: pointer }
input:focus-visible, button:focus-visible { outline: 3px solid #f5a623; outline-offset: 2px }
[role=alert] { padding: .5rem .75rem; border-left: 4px solid #b00020; background: #fdecee }
@media (prefers-color-scheme: dark) {
  body { color: #f2f2f2; background: #1a1a1a } input { color: inherit; background: #2b2b2b; border-color: #a6a6a6 }
  button { background: #2f7fd1 } [role=alert] { background: #47191f } }
"""


def sign_in(action: str, username: str = "", fault: str = "") -> str:
    """Asks for name and password. `action` is where they go."""
    return _form(
        "Sign in to Penstock",
        action,
        fault,
        _field("username", "Username", "text", "username", username),
        _field("password", "Password", "password", "current-password"),
        "<button>Sign in</button>",
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


def _form(title: str, action: str, fault: str, *parts: str) -> str:
    alert = f'<p role="alert">{escape(fault)}</p>' if fault else ""
    return _page(
        title, f'<h1>{escape(title)}</h1>{alert}<form method="post" action="{escape(action)}">{"".join(parts)}</form>'
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
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body><main>{body}</main></body></html>"
    )
