#!/usr/bin/env bash
# The demo: in a window where there is a display, headless elsewhere.
set -euo pipefail
bin=$1
if [ -n "${DISPLAY:-}" ] || [ -n "${WAYLAND_DISPLAY:-}" ] || [ "$(uname)" = Darwin ]; then
    exec "$bin/deltadesk-desktop" --demo
fi
exec "$bin/deltadesk" demo
