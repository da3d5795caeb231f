#!/bin/sh
# Ends with 1 if a diff of `cdk diff` replaces or removes what holds data: the table, keys, the user pool, buckets of changes.
# Usage: sh infra/operations/gate.sh <file>
set -eu
data='AWS::(DynamoDB::Table|DynamoDB::GlobalTable|KMS::Key|Cognito::UserPool|S3::Bucket|Backup::BackupVault)( |$)'
found=$(sed 's/\x1b\[[0-9;]*m//g' "$1" | grep -E "^\[(-|~)\] $data" | grep -E '^\[-\]|replace' || true)
[ -z "$found" ] && exit 0
echo "This deployment would replace or remove data. Deploy it by hand, or run the workflow with 'replace', if you mean it:" >&2
echo "$found" >&2
exit 1
