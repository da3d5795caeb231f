import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { OperatorError } from './service-secrets.ts';

/**
 * Returns the outputs of a stack.
 *
 * @param hint what else to do if there is no stack of this name
 * @throws OperatorError if there is none
 */
export const outputsOf = async (stack: string, hint = ''): Promise<Record<string, string | undefined>> => {
  const described = await new CloudFormationClient()
    .send(new DescribeStacksCommand({ StackName: stack }))
    .catch((error: Error) => {
      // CloudFormation has no code of its own for a missing stack.
      if (error.name !== 'ValidationError') throw error;
      throw new OperatorError(
        `There is no stack ${stack} in this account and Region. Deploy first, and name the stage.${hint}`,
      );
    });
  return Object.fromEntries(
    described.Stacks?.[0]?.Outputs?.map((output) => [output.OutputKey, output.OutputValue]) ?? [],
  );
};
