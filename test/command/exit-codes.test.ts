import { describe, expect, it } from 'vitest';
import { CommandFailed, exitCodeOf } from '../../client/command/exit-codes.ts';
import {
  ConnectionFailed,
  LicenseLost,
  OrganizationRequired,
  problemError,
  TimedOut,
  UnexpectedAnswer,
} from '../../client/index.ts';
import { OfflineLicenseRefused } from '../../client/offline/index.ts';

const problem = (code: string, status: number, fields: object = {}) =>
  problemError({ code, status, title: code, detail: code, requestId: 'r-1', nextFreeAt: null, ...fields } as never);

describe('the exit code', () => {
  it.each([
    ['says that the arguments are wrong', new CommandFailed('usage', ''), 64],
    ['tells an outage', new ConnectionFailed(''), 69],
    ['tells an outage', new TimedOut(''), 69],
    ['tells an outage', problem('internal', 500), 69],
    ['tells what is not the service', new UnexpectedAnswer('', 404), 69],
    ['says that the arguments are wrong', problem('invalid-request', 400), 64],
    ['says that another time it may work', problem('license-quota-exceeded', 409), 75],
    ['says that another time it may work', problem('machine-quota-exceeded', 409), 75],
    ['says that another time it may work', problem('limit-exceeded', 409, { retryAfterSeconds: 60 }), 75],
    ['says that it was refused', problem('limit-exceeded', 409), 77],
    ['says that the credential was refused', problem('unauthenticated', 401), 67],
    ['says that something does not exist', problem('not-found', 404), 66],
    ['says that a setting is missing', new OrganizationRequired([]), 78],
    ['says that it was refused', problem('subscription-suspended', 403), 77],
    ['says that it was refused', new OfflineLicenseRefused('expired', ''), 77],
    ['says that the license was lost', new LicenseLost('license-removed', undefined), 79],
    ['admits a fault', new Error(''), 70],
  ])('%s: %s is %d', (_, error, code) => expect(exitCodeOf(error)).toBe(code));
});
