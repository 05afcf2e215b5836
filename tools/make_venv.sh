#!/bin/sh
# make_venv.sh PYTHON FOLDER: creates the virtual environment, or says in one sentence what is missing.
set -eu
python=$1
folder=$2

if ! command -v "$python" >/dev/null 2>&1; then
  echo "$python is not there; type: sudo apt-get install python3 python3-venv" >&2
  exit 2
fi
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
  echo "$("$python" --version) is too old, 3.11 is needed; name another one: make PYTHON=python3.11" >&2
  exit 2
fi
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
  echo "Python's venv is missing; type: sudo apt-get install python3-venv" >&2
  exit 2
fi
# Half an environment would look finished to make.
trap 'rm -rf "$folder"' EXIT
"$python" -m venv "$folder"
trap - EXIT
