#!/bin/sh
# Debian packages the tests need. Where they cannot be had, the tests that need them are skipped by name, with the
# reason in the summary; with CI=true they fail instead.
set -eu
missing=""
command -v mosquitto >/dev/null || [ -x /usr/sbin/mosquitto ] || missing="$missing mosquitto"
command -v chromium >/dev/null || missing="$missing chromium"
fc-list 2>/dev/null | grep -qi 'cjk' || missing="$missing fonts-noto-cjk fontconfig"
[ -n "$missing" ] || exit 0
if ! command -v apt-get >/dev/null; then
    echo "not installed:$missing (no apt-get here): their tests will be skipped"
    exit 0
fi
if [ "$(id -u)" -eq 0 ]; then as_root=""
elif sudo -n true 2>/dev/null; then as_root="sudo"
else
    echo "not installed:$missing (not permitted here): their tests will be skipped"
    exit 0
fi
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -qq
# shellcheck disable=SC2086
$as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null
