/**
 * Runs a shell command with a license: leasehold(product: 'KRE', command: './run-tests.sh').
 *
 * Further options: wait ('30m'), url (default: LEASEHOLD_URL of the environment), credentialsId ('leasehold-api-key', a secret
 * text). The agent needs Node 20 or newer. Each cell of a matrix needs a LEASEHOLD_MATRIX in its environment.
 */
def call(Map options) {
  withCredentials([string(credentialsId: options.credentialsId ?: 'leasehold-api-key', variable: 'LEASEHOLD_API_KEY')]) {
    withEnv([
      "LEASEHOLD_URL=${options.url ?: env.LEASEHOLD_URL}",
      "LEASEHOLD_PRODUCT=${options.product}",
      "LEASEHOLD_WAIT=${options.wait ?: '30m'}",
      "LEASEHOLD_COMMAND=${options.command}"
    ]) {
      // The shell expands the variables, not Groovy: so no secret and no quote of the command reaches the log or the script.
      sh 'exec npx --yes leasehold@0.1.0 run --wait "$LEASEHOLD_WAIT" -- sh -c "$LEASEHOLD_COMMAND"'
    }
  }
}
