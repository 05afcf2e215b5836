#!/bin/sh
# install.sh [--root FOLDER] [--profile NAME] [--venv FOLDER]: the box as a service of this machine.
# May be run again: it exchanges the program, installs what has changed, and never touches a
# configuration. --root tries it in a folder, --venv takes an environment that is there already.
set -eu
umask 022
here=$(cd "$(dirname "$0")/../.." && pwd)
root=
profile=top24-2023
venv=
python=${PYTHON:-python3}
user=kagibako

fail() {
  echo "install-pi: $1" >&2
  exit 2
}

while [ $# -gt 0 ]; do
  case $1 in
    --root | --profile | --venv)
      [ $# -gt 1 ] && [ -n "$2" ] || fail "$1 wants a word behind it"
      case $1 in
        --root) mkdir -p "$2" && root=$(cd "$2" && pwd) ;;
        --profile) profile=$2 ;;
        --venv) venv=$2 ;;
      esac
      shift 2
      ;;
    *) fail "$1: unknown; write --root FOLDER, --profile NAME or --venv FOLDER" ;;
  esac
done

if [ -z "$root" ]; then
  [ "$(id -u)" = 0 ] || fail "this wants root's rights: sudo make install-pi (or try it: make install-pi DESTDIR=build/pi)"
  machine=$(uname -m)
  [ "$machine" = aarch64 ] || fail "this is a $machine; the packages exist for 64-bit ARM (aarch64): put Raspberry Pi OS Lite (64-bit) on the card"
  command -v systemctl >/dev/null 2>&1 && [ -d /run/systemd/system ] || fail "systemd does not run here, and the box is one of its services"
fi

opt=$root/opt/kagibako
etc=$root/etc/kagibako
state=$root/var/lib/kagibako
config=$etc/box.json

[ -f "$here/firmware/profiles/$profile.json" ] || fail "$profile: no such profile (there are: $(cd "$here/firmware/profiles" && ls | sed -n 's/\.json$//p' | tr '\n' ' '))"

# --- the user ---------------------------------------------------------------------------------
if [ -z "$root" ]; then
  id "$user" >/dev/null 2>&1 || useradd --system --user-group --home-dir "$state" --no-create-home \
    --shell /usr/sbin/nologin "$user"
  for group in gpio dialout spi; do
    if getent group "$group" >/dev/null; then
      usermod --append --groups "$group" "$user"
    else
      echo "install-pi: there is no group $group here; the box cannot use what belongs to it" >&2
    fi
  done
fi
owned_by_user() {
  [ -n "$root" ] || chown "$user:$user" "$1"
}

# --- program and packages: beside the old ones, whole, and only then in their place -----------
# Without a network, or with a full card, this ends here, and the box that is there still starts.
mkdir -p "$opt"
rm -rf "$opt/program.new" "$opt/.venv.new"
mkdir -p "$opt/program.new/boards"
cp -R "$here/firmware" "$here/hal" "$here/LICENSE" "$opt/program.new"
cp "$here"/boards/*.py "$opt/program.new/boards"
cp -R "$here/boards/pi" "$opt/program.new/boards"
rm -rf "$opt/program.new/hal/esp32"
find "$opt/program.new" -name __pycache__ -prune -exec rm -rf {} +
chmod -R u=rwX,go=rX "$opt/program.new"

has_packages() {
  cmp -s "$here/requirements-pi.lock" "$opt/installed.lock" &&
    "$opt/.venv/bin/python" -c 'import gpiozero, serial' 2>/dev/null # another Python has others
}
if [ -n "$venv" ]; then
  [ -x "$venv/bin/python" ] || fail "--venv $venv: there is no bin/python in it"
  rm -f "$opt/installed.lock"
  ln -s "$(cd "$venv" && pwd)" "$opt/.venv.new"
elif ! has_packages; then
  echo "Installing packages (some minutes on a small machine) ..." >&2
  "$here/tools/make_venv.sh" "$python" "$opt/.venv.new"
  pip="$opt/.venv.new/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes"
  $pip -r "$here/requirements-build.lock"
  $pip --no-build-isolation -r "$here/requirements-pi.lock"
  rm -f "$opt/installed.lock"
  cp "$here/requirements-pi.lock" "$opt/installed.lock.new"
fi

[ -n "$root" ] || sync
rm -rf "$opt/program.old" "$opt/.venv.old"
for part in .venv program; do
  [ -e "$opt/$part.new" ] || continue
  [ ! -e "$opt/$part" ] && [ ! -L "$opt/$part" ] || mv "$opt/$part" "$opt/$part.old"
  mv "$opt/$part.new" "$opt/$part"
done
[ ! -e "$opt/installed.lock.new" ] || mv "$opt/installed.lock.new" "$opt/installed.lock"
rm -rf "$opt/program.old" "$opt/.venv.old"

# --- configuration and state: made once, never changed ----------------------------------------
mkdir -p "$etc" "$state"
chmod 0755 "$etc"
chmod 0700 "$state"
owned_by_user "$state"
# A configuration may come over the console: the file takes its place beside the old one.
owned_by_user "$etc"
made=
if [ ! -e "$config" ]; then
  umask 077
  (cd "$opt/program" && "$opt/.venv/bin/python" -B -m boards.pi.skeleton "$profile") >"$config.new"
  owned_by_user "$config.new"
  mv "$config.new" "$config"
  umask 022
  made=1
fi

# --- the service ------------------------------------------------------------------------------
mkdir -p "$root/etc/systemd/system" "$root/etc/udev/rules.d" "$root/etc/modules-load.d"
install -m 0644 "$here/boards/pi/kagibako-box.service" "$root/etc/systemd/system/kagibako-box.service"
install -m 0644 "$here/boards/pi/60-kagibako.rules" "$root/etc/udev/rules.d/60-kagibako.rules"
install -m 0644 "$here/boards/pi/kagibako-modules.conf" "$root/etc/modules-load.d/kagibako.conf"
if [ -z "$root" ]; then
  systemctl daemon-reload
  modprobe -a usbserial cdc_acm || true
  udevadm control --reload-rules || true
  # What is there already gets its new owner without being pulled out.
  udevadm trigger --name-match=watchdog || true
  udevadm trigger --subsystem-match=usb --attr-match=idVendor=054c || true
  sync
fi

check="sudo -u $user sh -c 'cd $opt/program && $opt/.venv/bin/python -m boards.pi --config $config --check'"
echo "The box is installed in $opt."
if [ -n "$made" ]; then
  echo "Next:"
  echo "  1. fill in $config, and put the centre's CA beside it as ca.pem;"
  echo "     or start the service, and bring both over its console with fleetd provision (no step 2)"
  echo "  2. $check"
  echo "  3. sudo systemctl enable --now kagibako-box"
  echo "  4. journalctl -fu kagibako-box"
  echo "Wiring, serial line and what the journal says: $opt/program/boards/pi/README.md"
else
  echo "$config was left as it is. Next:"
  echo "  1. $check"
  echo "  2. sudo systemctl restart kagibako-box   (a rental goes on where it was)"
fi
