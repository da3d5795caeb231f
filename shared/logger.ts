import { Logger } from '@aws-lambda-powertools/logger';

/**
 * Creates the logger of a function, with the level `POWERTOOLS_LOG_LEVEL`. Powertools prefers Lambda's own level, which is lower:
 * Lambda drops the metrics, lines of the level INFO, at any higher one.
 */
export const createLogger = (): Logger => {
  delete process.env.AWS_LAMBDA_LOG_LEVEL;
  return new Logger();
};
