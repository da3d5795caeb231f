import { describe, expect, it } from 'vitest';
import { functionFile } from '../../shared/contracts/operation.ts';
import { operations } from '../../shared/contracts/operations.ts';
import { ofType, resourcesOf, synthesize } from './synthesis.ts';

const { LeaseholdApi: stack, LeaseholdConsole: console, LeaseholdFunctions: functions } = synthesize();
const resources = resourcesOf(stack);
const routes = ofType(stack, 'AWS::ApiGatewayV2::Route');

const routeOf = (key: string) => {
  const found = routes.filter(({ Properties }) => Properties.RouteKey === key);
  expect(found, key).toHaveLength(1);
  return found[0]!.Properties;
};

/** Returns the file of the function that a route calls. */
const targetOf = (key: string): string => {
  const integrationId = routeOf(key).Target['Fn::Join'][1][1].Ref;
  const { OutputName } = resources[integrationId]!.Properties.IntegrationUri['Fn::GetStackOutput'];
  const { 'Fn::GetAtt': [id] = [], Ref } = functions!.toJSON().Outputs[OutputName].Value;
  const called = resourcesOf(functions)[id ?? Ref]!;
  const isAlias = called.Type === 'AWS::Lambda::Alias';
  const lambda = isAlias ? resourcesOf(functions)[called.Properties.FunctionName.Ref]! : called;
  return lambda.Properties.Description.replace('Leasehold: ', '');
};

describe('routes', () => {
  it.each(operations.map((operation) => [operation.name, operation] as const))(
    '%s has one, which calls its own function',
    (name, { method, path }) => {
      expect(targetOf(`${method} ${path}`)).toBe(functionFile(name));
    },
  );

  it('are those of the contracts and of the documentation page; every other path is 404', () => {
    expect(routes.map(({ Properties }) => Properties.RouteKey).sort()).toEqual(
      [
        ...operations.map(({ method, path }) => `${method} ${path}`),
        ...['GET /docs', 'GET /docs/{asset}', '$default'],
      ].sort(),
    );
    expect(targetOf('GET /docs')).toBe('docs');
    expect(targetOf('GET /docs/{asset}')).toBe('docs');
    expect(targetOf('$default')).toBe('not-found');
  });

  it('let API Gateway call each function for its own route only', () => {
    const permissions = ofType(stack, 'AWS::Lambda::Permission');
    // And the authorizer for the default, and for heartbeats.
    expect(permissions).toHaveLength(routes.length + 2);
    for (const { Properties } of permissions) expect(Properties.SourceArn).toBeDefined();
  });

  it('use payload format 2.0', () => {
    for (const { Properties } of ofType(stack, 'AWS::ApiGatewayV2::Integration')) {
      expect(Properties.PayloadFormatVersion).toBe('2.0');
    }
  });
});

describe('authorizer', () => {
  const authorizers = ofType(stack, 'AWS::ApiGatewayV2::Authorizer');
  const idOf = (seconds: number) =>
    authorizers.find(({ Properties }) => Properties.AuthorizerResultTtlInSeconds === seconds)?.id;

  it('has simple answers, cached by credential for 30 seconds, and for 5 minutes for heartbeats', () => {
    expect(authorizers.map(({ Properties }) => Properties.AuthorizerResultTtlInSeconds).sort()).toEqual([30, 300]);
    for (const { Properties } of authorizers)
      expect(Properties).toMatchObject({
        AuthorizerType: 'REQUEST',
        AuthorizerPayloadFormatVersion: '2.0',
        EnableSimpleResponses: true,
        IdentitySource: ['$request.header.Authorization'],
      });
  });

  it.each(operations.map((operation) => [operation.name, operation] as const))(
    '%s is behind it, unless its contract opens it to anyone',
    (name, { method, path, access }) => {
      const { AuthorizationType, AuthorizerId } = routeOf(`${method} ${path}`);
      if (access.to === 'anyone') {
        expect(AuthorizationType).toBe('NONE');
        expect(AuthorizerId).toBeUndefined();
      } else {
        expect(AuthorizationType).toBe('CUSTOM');
        expect(AuthorizerId).toEqual({ Ref: idOf(name === 'heartbeat' ? 300 : 30) });
      }
    },
  );
});

describe('stage', () => {
  it('throttles', () => {
    const [stage] = ofType(console, 'AWS::ApiGatewayV2::Stage');
    expect(stage!.Properties).toMatchObject({
      StageName: '$default',
      DefaultRouteSettings: { ThrottlingRateLimit: 1000, ThrottlingBurstLimit: 2000 },
    });
  });

  it('throttles as the context says', () => {
    const { LeaseholdConsole } = synthesize({ context: { throttleRate: '50', throttleBurst: '100' } });
    const [stage] = ofType(LeaseholdConsole, 'AWS::ApiGatewayV2::Stage');
    expect(stage!.Properties.DefaultRouteSettings).toEqual({ ThrottlingRateLimit: 50, ThrottlingBurstLimit: 100 });
  });

  it('logs each request as JSON for a month, and no credential', () => {
    const [stage] = ofType(console, 'AWS::ApiGatewayV2::Stage');
    const { DestinationArn, Format } = stage!.Properties.AccessLogSettings;
    const logged = Object.keys(JSON.parse(Format));
    expect(logged).toEqual(expect.arrayContaining(['requestId', 'route', 'status', 'responseLatency']));
    // A path may hold an invitation's token.
    expect(Format).not.toMatch(/header|authorization"|queryString|context\.path/i);
    const logGroup = resourcesOf(console)[DestinationArn['Fn::GetAtt'][0]]!;
    expect(logGroup.Properties.RetentionInDays).toBe(30);
  });

  it('has an alarm for 5xx answers that no function counts', () => {
    const [alarm] = ofType(stack, 'AWS::CloudWatch::Alarm');
    expect(alarm!.Properties).toMatchObject({ Namespace: 'AWS/ApiGateway', MetricName: '5xx', Threshold: 1 });
  });
});
