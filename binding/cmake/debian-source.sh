#!/bin/sh
# The source archives of a Debian package, as it came from its makers, through apt, so that whoever has set up a mirror or a
# proxy for apt gets them from there. Needs neither root nor deb-src lines: lists of sources are made from the system's lines,
# in a folder of their own.
#
# debian-source.sh FOLDER PACKAGE UPSTREAM_VERSION
# Exit codes: 0 the archives are in FOLDER, else there is none of that version here, or apt could not get it.
set -eu
folder=$1 package=$2 version=$3
lists=$folder/apt
rm -rf "$lists"
mkdir -p "$lists/sources" "$lists/state/partial"
for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
  [ -r "$file" ] && sed -nE 's/^[[:space:]]*deb[[:space:]]/deb-src /p' "$file" >"$lists/sources/$(basename "$file" .list).list"
done
for file in /etc/apt/sources.list.d/*.sources; do
  [ -r "$file" ] && sed -E 's/^Types:.*/Types: deb-src/' "$file" >"$lists/sources/$(basename "$file")"
done
set -- -q -o Dir::Etc::SourceList=/dev/null -o "Dir::Etc::SourceParts=$lists/sources" -o "Dir::State::Lists=$lists/state" \
  -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= -o Acquire::Retries=3 -o Acquire::http::Timeout=60
# Lines that have nothing to do with this package may be out of order, so only the last command's failure counts.
apt-get "$@" update || true
found=$(apt-cache "$@" madison "$package" | awk -F'|' -v wanted="$version-" \
  '{ gsub(/ /, "", $2); if (index($2, wanted) == 1) { print $2; exit } }')
[ -n "$found" ] || { echo "apt knows no $package $version"; exit 1; }
cd "$folder"
apt-get "$@" source --download-only "$package=$found"
rm -rf "$lists"
