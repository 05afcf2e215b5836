#!/bin/sh
# need_debian.sh COMMAND...: sees that the commands are there. Installs the Debian packages that
# bring them when it may (root, or sudo without a password), else prints the one line to type.
set -eu

package_of() {
  case "$1" in
    node) echo nodejs ;;
    npm) echo npm ;;
    mosquitto) echo mosquitto ;;
    mosquitto_sub) echo mosquitto-clients ;;
    openssl) echo openssl ;;
    chromium) echo chromium ;;
    *)
      echo "need_debian.sh: no package is known for '$1'; add it to package_of" >&2
      exit 2
      ;;
  esac
}

packages=""
for command; do
  package=$(package_of "$command")
  command -v "$command" >/dev/null 2>&1 || packages="$packages $package"
done
[ -n "$packages" ] || exit 0

if ! command -v apt-get >/dev/null 2>&1; then
  echo "The tests need these Debian packages, and there is no apt-get here:$packages" >&2
  exit 2
fi
if [ "$(id -u)" = 0 ]; then
  as_root=""
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
  as_root="sudo"
else
  echo "The tests need Debian packages; type: sudo apt-get install$packages" >&2
  exit 2
fi

echo "Installing Debian packages:$packages ..." >&2
# Word splitting of the list is meant.
# shellcheck disable=SC2086
{
  $as_root apt-get -qq update
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends $packages
} >&2
