#!/bin/sh
# Make the virtual environment, or say in one line what this machine lacks for it. Called by the Makefile:
#   make_venv.sh PYTHON FOLDER
set -eu
python=$1
venv=$2

refuse() {
  echo "watcher: $*" >&2
  exit 1
}

command -v "$python" >/dev/null 2>&1 || refuse "there is no $python here: install Python 3.11 or later, or name one: make PYTHON=/path/to/python3.12 …"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || refuse "$("$python" --version 2>&1) is too old: the watcher needs 3.11 or later. Name another: make PYTHON=python3.12 …"
"$python" -c 'import venv, ensurepip' 2>/dev/null || refuse "$python comes without venv or ensurepip: on Debian and Ubuntu, apt-get install python3-venv"

# One that another Python made, or that was moved, would fail later and in strange words: it is made anew.
version='import sys; print(sys.version_info[:3])'
made_here() {
  [ -x "$venv/bin/python" ] && [ -x "$venv/bin/pip" ] &&
    [ "$("$venv/bin/python" -c "$version" 2>/dev/null)" = "$("$python" -c "$version")" ] &&
    "$venv/bin/pip" --version >/dev/null 2>&1
}
if made_here; then exit 0; fi
exec "$python" -m venv --clear "$venv"
