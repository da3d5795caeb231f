import { RemovalPolicy } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import { HttpApi, HttpStage, LogGroupLogDestination } from 'aws-cdk-lib/aws-apigatewayv2';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { Settings } from '../settings.ts';
import { serviceName } from '../stages.ts';

/**
 * One line of the access log. No header, query or path: a credential, or an invitation's token, must not get into a log. No
 * time: each event of a log group has its own, and a heartbeat pays for the bytes of its line.
 */
export const accessLogFields = {
  requestId: '$context.requestId',
  ip: '$context.identity.sourceIp',
  userAgent: '$context.identity.userAgent',
  route: '$context.routeKey',
  status: '$context.status',
  responseLength: '$context.responseLength',
  responseLatency: '$context.responseLatency',
  integrationLatency: '$context.integrationLatency',
  errors: '$context.authorizer.error $context.integrationErrorMessage',
};

/** The HTTP API with its throttle and its access log; the API stack adds the routes. */
export class Gateway extends HttpApi {
  constructor(scope: Construct, id: string, { stage, logDays, throttleRate, throttleBurst }: Settings) {
    super(scope, id, { apiName: serviceName(stage), description: 'License management', createDefaultStage: false });
    const accessLog = new LogGroup(this, 'AccessLog', {
      retention: logDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    new HttpStage(this, 'Stage', {
      httpApi: this,
      autoDeploy: true,
      throttle: { rateLimit: throttleRate, burstLimit: throttleBurst },
      accessLogSettings: {
        destination: new LogGroupLogDestination(accessLog),
        format: AccessLogFormat.custom(JSON.stringify(accessLogFields)),
      },
    });
  }
}
