import { Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { Settings } from '../settings.ts';
import { JobQueue } from './job-queue.ts';

interface MailsProps {
  /** The function that enqueues jobs. */
  readonly planner: LambdaFunction;
  readonly sender: LambdaFunction;
  readonly from: string;
  readonly settings: Settings;
}

/** Mails through SES, of one identity and from one address. */
export class Mails extends Construct {
  constructor(scope: Construct, id: string, { planner, sender, from, settings }: MailsProps) {
    super(scope, id);
    const { mailIdentity = from.slice(from.lastIndexOf('@') + 1), consoleUrl } = settings;
    // SES lets a new account send 14 mails a second: two senders are seldom throttled.
    new JobQueue(this, 'Orders', { sender: planner, variable: 'MAIL_QUEUE_URL', receiver: sender, maxConcurrency: 2 });
    sender.addEnvironment('MAIL_FROM', from);
    if (consoleUrl !== undefined) sender.addEnvironment('CONSOLE_URL', consoleUrl);
    sender.addToRolePolicy(
      new PolicyStatement({
        actions: ['ses:SendEmail'],
        resources: [Stack.of(this).formatArn({ service: 'ses', resource: 'identity', resourceName: mailIdentity })],
        conditions: { StringEquals: { 'ses:FromAddress': from } },
      }),
    );
  }
}
