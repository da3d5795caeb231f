#!/bin/sh
# Generates the Python and the Java client from docs/openapi.json into release/dist/clients, and adds the license holders that are
# written by hand. Needs Python 3.10, Java 17 and Maven.
set -eu
cd "$(dirname "$0")/.."
version=$(node -p "require('./client/package.json').version")
out=$PWD/release/dist/clients
rm -rf "$out"
mkdir -p "$out"

# https://github.com/openapi-generators/openapi-python-client
python3 -m venv "$out/venv"
"$out/venv/bin/pip" install --quiet openapi-python-client==0.29.1 ruff==0.14.0
cat >"$out/config.yml" <<EOF
project_name_override: leasehold-client
package_name_override: leasehold_client
package_version_override: '$version'
content_type_overrides:
  application/jose: text/plain
EOF
PATH="$out/venv/bin:$PATH" openapi-python-client generate --path docs/openapi.json --config "$out/config.yml" \
  --output-path "$out/python" --fail-on-warning
cp release/python/leasehold_license.py "$out/python/leasehold_client/license.py"

# https://openapi-generator.tech
node release/java/openapi-3.0.mjs >"$out/openapi.json"
mvn --quiet dependency:copy -Dartifact=org.openapitools:openapi-generator-cli:7.16.0 -DoutputDirectory="$out"
java -jar "$out/openapi-generator-cli-7.16.0.jar" generate --input-spec "$out/openapi.json" --generator-name java \
  --output "$out/java" --additional-properties \
  "library=native,hideGenerationTimestamp=true,groupId=dev.leasehold,artifactId=leasehold-client,artifactVersion=$version,invokerPackage=dev.leasehold,apiPackage=dev.leasehold.api,modelPackage=dev.leasehold.model"
{
  echo 'package dev.leasehold;'
  cat release/java/License.java
} >"$out/java/src/main/java/dev/leasehold/License.java"
rm -rf "$out/venv" "$out/config.yml" "$out/openapi.json" "$out"/*.jar
