#!/usr/bin/env bash
# Makes sure that there is a Chromium for the browser tests; does nothing when one is there.
set -euo pipefail
cd "$(dirname "$0")/../.."

# Of these commands the first that works is taken.
COMMANDS=(chromium chromium-browser google-chrome)

# Some names only point to an installer, and a browser without its libraries doesn't start: ask each for its version.
runs() {
    "$1" --version >/dev/null 2>&1
}

has_system_chromium() {
    local name
    for name in "${COMMANDS[@]}"; do
        if command -v "$name" >/dev/null && runs "$name"; then return 0; fi
    done
    return 1
}

# Playwright drives only the build that belongs to its version, and knows where that lies.
has_playwright_chromium() {
    local path
    path=$(.venv/bin/python -c '
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    print(playwright.chromium.executable_path)' 2>/dev/null) || return 1
    [ -x "$path" ] && runs "$path"
}

get_from_playwright() {
    PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT=10000 .venv/bin/playwright install chromium >/dev/null 2>&1 &&
        has_playwright_chromium
}

run_as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif ! command -v sudo >/dev/null; then
        return 1
    elif [ -t 0 ]; then
        sudo "$@"
    else
        sudo -n "$@"
    fi
}

get_from_debian() {
    command -v apt-get >/dev/null || return 1
    run_as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq >/dev/null &&
        run_as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null &&
        has_system_chromium
}

if has_system_chromium || has_playwright_chromium; then exit 0; fi
echo "Getting Chromium for the browser tests (once) …"
if get_from_playwright || get_from_debian; then exit 0; fi
cat >&2 <<'MESSAGE'
Chromium is needed for the browser tests and could not be had. Install it, then run this again:
  Debian, Ubuntu:  sudo apt-get install chromium
  anything else:   .venv/bin/playwright install --with-deps chromium
All other tests run without it:  .venv/bin/pytest -m "not e2e"
MESSAGE
exit 1
