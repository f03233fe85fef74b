#!/usr/bin/env bash
# Builds the wheel of the Python package, installs it with the libraries of tables into fresh environments of the oldest and the newest Python that is installed (3.9 or
# later), and runs its tests there. usage: tests/python.sh
# Needs cargo, Python with venv, and network access to the package registries.
set -euo pipefail
cd "$(dirname "$0")/.."
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/refrain/target}
folder=${XDG_CACHE_HOME:-$HOME/.cache}/refrain/python
libraries=(pyarrow polars pandas duckdb datasets tqdm pytest)
mkdir -p "$folder"

# Prints the interpreters that run, oldest first, one for each version.
interpreters() {
  local minor path
  for minor in 9 10 11 12 13 14 15; do
    for path in "$HOME/.pyenv/versions/3.$minor."*/bin/python3 "$(command -v "python3.$minor" || true)"; do
      if [ -x "$path" ] && [ "$("$path" -c 'import sys, venv, ensurepip; print(sys.version_info[1])' 2> /dev/null)" = "$minor" ]; then
        echo "$path"
        break
      fi
    done
  done
}

# The tools that check types and build, in an environment that is kept for the next run.
tools=$folder/tools
[ -x "$tools/bin/maturin" ] || { python3 -m venv "$tools" && "$tools/bin/pip" install -q --disable-pip-version-check "maturin>=1.9,<2" mypy pyright typing_extensions; }
rm -rf "$folder/wheel"
"$tools/bin/maturin" build --quiet --release --locked --manifest-path python/Cargo.toml --out "$folder/wheel"
wheel=$(ls "$folder"/wheel/*.whl)
size=$(stat -c %s "$wheel")
echo "wheel: $size bytes"
[ "$size" -lt 15000000 ] || { echo "the wheel is larger than 15 MB" >&2; exit 1; }

mapfile -t found < <(interpreters)
[ ${#found[@]} -gt 0 ] || { echo "no Python of 3.9 or later with venv" >&2; exit 1; }
checked=()
for python in "${found[0]}" "${found[-1]}"; do
  [[ " ${checked[*]} " == *" $python "* ]] && continue
  checked+=("$python")
  version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
  environment=$folder/$version
  [ -x "$environment/bin/pytest" ] || { "$python" -m venv "$environment" && "$environment/bin/pip" install -q --disable-pip-version-check "${libraries[@]}"; }
  "$environment/bin/pip" install -q --disable-pip-version-check --force-reinstall --no-deps "$wheel"
  echo "Python $version:"
  # In a folder without the sources: what is tested is what was installed.
  (cd "$folder" && "$environment/bin/python" -B -m pytest -q -p no:cacheprovider --rootdir "$OLDPWD/python" --doctest-modules --pyargs refrain "$OLDPWD/python/tests")
done

# Engines of clusters, each with the client that it speaks to: Sail, Ray, and Spark where there is Java.
cluster() { # NAME PACKAGE...
  local environment=$folder/$1
  shift
  [ -x "$environment/bin/pytest" ] || { "${found[-1]}" -m venv "$environment" && "$environment/bin/pip" install -q --disable-pip-version-check pyarrow pandas pytest "$@"; }
  "$environment/bin/pip" install -q --disable-pip-version-check --force-reinstall --no-deps "$wheel"
}
cluster sail "pysail>=0.7.2,<0.8" "pyspark-client==4.2.*"
echo "Sail:"
(cd "$folder" && sail/bin/python -B -W ignore -m pytest -q -p no:cacheprovider --rootdir "$OLDPWD/python" "$OLDPWD/python/tests_cluster" -k "not spark_finds and not ray_finds") 2> "$folder/sail.log" ||
  { tail -50 "$folder/sail.log" >&2; exit 1; }
if command -v java > /dev/null; then
  cluster spark "pyspark>=4"
  echo "Spark:"
  (cd "$folder" && spark/bin/python -B -W ignore -m pytest -q -p no:cacheprovider --rootdir "$OLDPWD/python" "$OLDPWD/python/tests_cluster" -k "spark_finds")
else
  echo "left out: Spark, which needs Java"
fi

cluster ray ray
echo "Ray:"
(cd "$folder" && ray/bin/python -B -W ignore -m pytest -q -p no:cacheprovider --rootdir "$OLDPWD/python" "$OLDPWD/python/tests_cluster/test_ray.py")

# Types, of the package, of a program that uses it and of the examples of the documentation.
last=$folder/$version
rm -rf "$folder/examples" && mkdir "$folder/examples"
PYTHONPATH=python/tests "$last/bin/python" -B -c 'import pathlib, sys, test_docs; test_docs.write_examples(pathlib.Path(sys.argv[1]))' "$folder/examples"
"$tools/bin/mypy" --strict --no-error-summary --config-file python/pyproject.toml --cache-dir "$folder/mypy" --python-executable "$last/bin/python" python/refrain python/tests/typed.py
MYPYPATH=python "$tools/bin/mypy" --strict --no-error-summary --config-file python/pyproject.toml --cache-dir "$folder/mypy" --python-executable "$last/bin/python" "$folder"/examples/*.py
"$tools/bin/pyright" --pythonpath "$last/bin/python" --project python/pyproject.toml python/refrain python/tests/typed.py "$folder"/examples/*.py
