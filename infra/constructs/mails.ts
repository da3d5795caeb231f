import { Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { Settings } from '../settings.ts';
import { JobQueue } from './job-queue.ts';

interface MailsProps {
  /** The function that enqueues jobs. */
  readonly planner: LambdaFunction;
  readonly sender: LambdaFunction;
  readonly from: string;
  readonly settings: Settings;
  readonly consoleUrl: string;
  readonly alarmTopic: ITopic;
}

/** Mails through SES, of one identity and from one address. */
export class Mails extends Construct {
  constructor(scope: Construct, id: string, { planner, sender, from, settings, consoleUrl, alarmTopic }: MailsProps) {
    super(scope, id);
    // SES lets a new account send 14 mails a second: two senders are seldom throttled.
    new JobQueue(this, 'Orders', {
      sender: planner,
      variable: 'MAIL_QUEUE_URL',
      receiver: sender,
      maxConcurrency: 2,
      late: { impact: 'Mails wait for more than ten minutes. (function send-mail)', runbook: 'background#mails-late' },
      alarmTopic,
    });
    sender.addEnvironment('MAIL_FROM', from);
    sender.addEnvironment('CONSOLE_URL', consoleUrl);
    sender.addToRolePolicy(
      new PolicyStatement({
        actions: ['ses:SendEmail'],
        resources: [sendingIdentity(this, from, settings.mailIdentity)],
        conditions: { StringEquals: { 'ses:FromAddress': from } },
      }),
    );
  }
}

/** Returns the ARN of SES's identity for a sender: by default the domain of its address. */
export const sendingIdentity = (scope: Construct, from: string, identity = from.slice(from.lastIndexOf('@') + 1)) =>
  Stack.of(scope).formatArn({ service: 'ses', resource: 'identity', resourceName: identity });
