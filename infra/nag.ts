import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * Accepts one finding of cdk-nag on one construct.
 *
 * @param reason why the rule does not fit here, and what replaces it
 */
export const acceptFinding = (construct: IConstruct, finding: `AwsSolutions-${string}`, reason: string) =>
  Validations.of(construct).acknowledge({ id: finding, reason });
