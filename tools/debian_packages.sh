#!/usr/bin/env bash
# Installs the Debian packages that DeltaDesk needs: "run" for the application, "test" for the test suite too.
# Without root or a password-free sudo it names what is missing and goes on; elsewhere than on Debian it does nothing.
set -euo pipefail

command -v dpkg-query >/dev/null 2>&1 && command -v apt-get >/dev/null 2>&1 || exit 0

# Qt's run-time libraries (offscreen and X11), a font, and the ODBC driver manager that pyodbc loads.
wanted=(python3-venv libegl1 libgl1 libxkbcommon0 libxkbcommon-x11-0 libdbus-1-3 libfontconfig1 libglib2.0-0
        libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-randr0 libxcb-render-util0 libxcb-shape0
        libxcb-xinerama0 libxcb-xkb1 fonts-dejavu-core fonts-noto-core unixodbc)
if [ "${1:-run}" = test ]; then
    # A screen without a screen, a browser for the practice board's page, a real database server over ODBC.
    wanted+=(xvfb chromium mariadb-server odbc-mariadb)
    command -v npm >/dev/null 2>&1 || wanted+=(nodejs npm)
fi

missing=()
for package in "${wanted[@]}"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

if [ "$(id -u)" -eq 0 ]; then as_root=()
elif sudo -n true 2>/dev/null; then as_root=(sudo -n)
else
    echo "These Debian packages are missing; install them as root: apt-get install ${missing[*]}" >&2
    exit 0
fi
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
