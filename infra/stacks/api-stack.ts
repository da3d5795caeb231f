import { CrossStackReferences, Duration, ReferenceStrength, Stack, type StackProps } from 'aws-cdk-lib';
import {
  HttpApi,
  HttpMethod,
  HttpRoute,
  HttpRouteKey,
  type IHttpApi,
  type IHttpRouteAuthorizer,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaAuthorizer, HttpLambdaResponseType } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { DEFAULT_CROSS_STACK_REFERENCES } from 'aws-cdk-lib/cx-api';
import type { Construct } from 'constructs';
import {
  defaultRememberedSeconds,
  functionFile,
  type Operation,
  originHeader,
  rememberedSeconds,
} from '../../shared/contracts/operation.ts';
import { addAlarm } from '../constructs/add-alarm.ts';
import { authorizer, docs, notFound } from '../functions.ts';
import { acceptFinding } from '../nag.ts';
import { constructId, type FunctionsStack } from './functions-stack.ts';

interface ApiStackProps extends StackProps {
  readonly operations: readonly Operation[];
  readonly functions: FunctionsStack;
  readonly gateway: HttpApi;
  /** Whether requests come through the distribution alone. */
  readonly guarded: boolean;
}

/** The routes of the HTTP API: those of the contracts, and three without an operation. */
export class ApiStack extends Stack {
  private readonly api: IHttpApi;
  private readonly guard: IHttpRouteAuthorizer | undefined;

  constructor(scope: Construct, id: string, { operations, functions, gateway, guarded, ...props }: ApiStackProps) {
    super(scope, id, props);
    // With an export (a strong reference) no operation could be removed in one deployment: the functions go first,
    // and CloudFormation refuses to delete one that this stack still imports. The table stays strongly referenced.
    this.node.setContext(DEFAULT_CROSS_STACK_REFERENCES, 'weak');

    // The gateway is in the stack below. As an import its authorizers get into this stack, where the functions are known.
    CrossStackReferences.of(gateway).produce(ReferenceStrength.STRONG);
    this.api = HttpApi.fromHttpApiAttributes(this, 'Api', { httpApiId: gateway.apiId });

    this.guard = guarded ? this.authorizer(functions, 'Guard', 300, [originHeader]) : undefined;
    // The authorizer lets every request pass and names the caller: the functions answer 401, 403 and 404 in the documented
    // order. Without the header API Gateway itself answers 401. A guarded gateway requires the distribution's header, too.
    const headers = guarded ? ['Authorization', originHeader] : ['Authorization'];
    // The ID of the default stays as it was deployed first.
    const idOf = (seconds: number) => (seconds === defaultRememberedSeconds ? 'Authorizer' : `Authorizer${seconds}`);
    const authorizers = new Map(
      [...new Set(operations.map(rememberedSeconds))].map((seconds) => [
        seconds,
        this.authorizer(functions, idOf(seconds), seconds, headers),
      ]),
    );
    for (const operation of operations) {
      const { name, method, path, access, summary } = operation;
      const file = functionFile(name);
      const route = HttpRouteKey.with(path, HttpMethod[method]);
      if (access.to === 'anyone') {
        const reason = `Its contract opens it to anyone (“${summary}”): it tells nothing of any organization.`;
        this.addOpenRoute(constructId(file), route, functions.callable(file), reason);
      } else {
        this.addRoute(
          constructId(file),
          route,
          functions.callable(file),
          authorizers.get(rememberedSeconds(operation)),
        );
      }
    }

    const page = functions.callable(docs.file);
    const pageReason = 'The documentation of the API is public: static, and the same for everyone.';
    this.addOpenRoute('Docs', HttpRouteKey.with('/docs', HttpMethod.GET), page, pageReason);
    this.addOpenRoute('DocsAsset', HttpRouteKey.with('/docs/{asset}', HttpMethod.GET), page, pageReason);
    this.addOpenRoute(
      'NotFound',
      HttpRouteKey.DEFAULT,
      functions.callable(notFound.file),
      'What does not exist is answered 404 to everyone; there is nothing behind it to protect.',
    );

    this.alarmOnServerErrors(gateway, functions.alarmTopic);
  }

  private authorizer(functions: FunctionsStack, id: string, seconds: number, headers: string[]): HttpLambdaAuthorizer {
    return new HttpLambdaAuthorizer(id, functions.callable(authorizer.file), {
      responseTypes: [HttpLambdaResponseType.SIMPLE],
      identitySource: headers.map((header) => `$request.header.${header}`),
      resultsCacheTtl: Duration.seconds(seconds),
    });
  }

  private addRoute(id: string, routeKey: HttpRouteKey, target: IFunction, authorizer?: IHttpRouteAuthorizer) {
    const integration = new HttpLambdaIntegration(`${id}Integration`, target);
    return new HttpRoute(this, id, { httpApi: this.api, routeKey, integration, authorizer });
  }

  private addOpenRoute(id: string, routeKey: HttpRouteKey, target: IFunction, reason: string) {
    acceptFinding(this.addRoute(id, routeKey, target, this.guard), 'AwsSolutions-APIG4', reason);
  }

  /** Alarms on errors that no function counts: failures of the gateway, and throttled functions. */
  private alarmOnServerErrors(gateway: HttpApi, topic: ITopic) {
    addAlarm(this, 'ServerErrors', topic, {
      alarmDescription:
        'Callers get 5xx answers. If no function’s alarm says why, functions are throttled or the gateway fails: ' +
        'runners cannot get or keep licenses. (HTTP API)',
      runbook: 'service#server-errors',
      metric: gateway.metricServerError({ period: Duration.minutes(1), statistic: 'Sum' }),
      threshold: 1,
    });
  }
}
