"""A headless browser, driven through chromedriver by the W3C WebDriver protocol."""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
import tempfile
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

BROWSER = shutil.which("chromium") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
MISSING = "" if BROWSER and DRIVER else "there is no chromium with its chromedriver here"

KEYS = {"ArrowRight": "\ue014", "ArrowLeft": "\ue012", "Home": "\ue011", "End": "\ue010"}
ARGUMENTS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"),
    *("--no-first-run", "--disable-background-networking", "--disable-component-update"),
    "--hide-scrollbars",
)

SETTLED = """
const done = arguments[0];
requestAnimationFrame(() => requestAnimationFrame(() => {
  const moving = document.getAnimations().filter(one => one instanceof CSSTransition);
  for (const one of moving) one.finish();
  done();
}));
"""


class Browser:
    """One window, to be used in a `with`."""

    def __init__(self, width: int = 1280, height: int = 720) -> None:
        self.size = width, height
        self._scripts = True

    def __enter__(self) -> Browser:
        assert not MISSING
        self._folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self._driver = subprocess.Popen(
            [DRIVER, "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        try:
            assert self._driver.stdout is not None
            said = (
                re.search(r"started successfully on port (\d+)", x) for x in self._driver.stdout
            )
            port = next(found[1] for found in said if found)
            self._root = f"http://127.0.0.1:{port}/session"
            arguments = [*ARGUMENTS, f"--user-data-dir={self._folder.name}"]
            options = {"binary": BROWSER, "args": arguments}
            wanted = {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}
            made = self._ask("POST", "", {"capabilities": {"alwaysMatch": wanted}})
            self._root += f"/{made['sessionId']}"
            self.resize(*self.size)
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._ask("DELETE", "")
        finally:
            self._end()

    def _end(self) -> None:
        self._driver.kill()
        self._driver.communicate()
        self._folder.cleanup()

    def open(self, path: Path) -> None:
        """Show a file, by its file: address."""
        self._ask("POST", "/url", {"url": path.resolve().as_uri()})
        self._settle()

    def run(self, script: str, *arguments: Any) -> Any:
        """What a script returns, which finds its arguments as `arguments[0]`, …."""
        return self._ask("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        codes = [KEYS.get(key, key) for key in keys]
        strokes = [{"type": kind, "value": c} for c in codes for kind in ("keyDown", "keyUp")]
        actions = [{"type": "key", "id": "keyboard", "actions": strokes}]
        self._ask("POST", "/actions", {"actions": actions})
        self._settle()

    def click(self, selector: str) -> None:
        """Click in the middle of the first element that the selector finds."""
        element = self._ask("POST", "/element", {"using": "css selector", "value": selector})
        (identity,) = element.values()
        self._ask("POST", f"/element/{identity}/click", {})
        self._settle()

    def complaints(self) -> list[str]:
        """What the console has said since it was last asked: errors and warnings."""
        said = self._ask("POST", "/se/log", {"type": "browser"})
        return [one["message"] for one in said]

    def resize(self, width: int, height: int) -> None:
        """Give the page this room."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self._command("Emulation.setDeviceMetricsOverride", metrics)

    def prefer(self, scheme: str) -> None:
        """Prefer "light" or "dark" pages."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self._command("Emulation.setEmulatedMedia", {"features": features})

    def without_scripts(self, off: bool = True) -> None:
        """Run no scripts in pages that are opened from now on."""
        self._scripts = not off
        self._command("Emulation.setScriptExecutionDisabled", {"value": off})

    def screenshot(self, path: Path) -> None:
        """Save what is seen as a PNG."""
        path.write_bytes(base64.b64decode(self._ask("GET", "/screenshot")))

    def _settle(self) -> None:
        """Wait until the page has seen what was done, and is drawn, with its transitions over."""
        if self._scripts:
            self._ask("POST", "/execute/async", {"script": SETTLED, "args": []})

    def _command(self, name: str, parameters: dict[str, Any]) -> None:
        self._ask("POST", "/goog/cdp/execute", {"cmd": name, "params": parameters})

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._root + path, data, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(json.load(error)["value"]["message"]) from None
