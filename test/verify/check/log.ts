import { readFileSync } from 'node:fs';

/** The terms of a subscription, as the vendor set them. */
export interface Terms {
  quota: number;
  machineQuota: number;
  status: 'active' | 'suspended';
  /** Epoch ms. */
  expiresAt: number;
}

type Operation =
  | 'set-terms'
  | 'activate'
  | 'heartbeat'
  /** A member gives its own license back. */
  | 'release'
  /** An admin ends a session. */
  | 'force'
  | 'transfer'
  | 'remove-machine'
  | 'remove-machine-license'
  | 'remove-member'
  | 'grant'
  | 'revoke'
  | 'transfer-license'
  | 'issue'
  | 'void';

/** A call of a client. Times are epoch ms, by the client's clock. */
export interface Call {
  kind: 'call';
  n: number;
  op: Operation;
  product: string;
  begin: number;
  /** When the answer came; null: none came. */
  end: number | null;
  status: number | null;
  /**
   * Without an answer: when the service certainly had ended the request. An answer that was lost on its way to the client tells it.
   * Equal to `begin`: the request never reached the service.
   */
  over?: number;
  /** The session's member, or the member that an admin's call is about. */
  user?: string;
  session?: string;
  machine?: string;
  seat?: number;
  fence?: number;
  waits?: boolean;
  /** The member that gets a transferred license. */
  to?: string;
  /** The idempotency key of an issue. */
  key?: string;
  /** The wanted end of an offline license, epoch ms. */
  expiresAt?: number;
  /** The ID of an offline license. */
  license?: string;
  terms?: Terms;
  answer?: Answer;
}

/** The fields of an answer that the checker reads. */
export interface Answer {
  code?: string;
  endedReason?: string | null;
  seat?: number;
  fence?: number;
  machineId?: string;
  activatedAt?: string;
  leaseExpiresAt?: string | null;
  waitsUntil?: string;
  licensedAt?: string;
  id?: string;
  issuedAt?: string;
  expiresAt?: string;
}

/** The service was killed, and answered again. */
interface Kill {
  kind: 'kill';
  at: number;
  /** When the last request that it had sent to the database was served. */
  quiet: number;
  back: number;
}

/** A time in which requests between the service and the database met faults. */
interface Storm {
  kind: 'storm';
  from: number;
  to: number;
  /** When the last delayed request was served. */
  quiet: number;
  /** How many updates were served after their sender had given up. */
  late: number;
}

/** The products of a run, and the bounds that the checker may rely on. */
export interface Settings {
  kind: 'settings';
  /** How much the clocks of the clients and the service may differ, ms. */
  skewMs: number;
  /** How long after its beginning a call that nobody saw end may still write, ms. */
  lingerMs: number;
  /** How long the schedule may take to finish an interrupted decision of an admin, ms. */
  scheduleMs: number;
  products: Record<string, { licenseType: 'floating' | 'per-user'; leaseMs: number }>;
}

/** A session in the history. */
export interface HistoryRow {
  sessionId: string;
  userId: string;
  machineId: string;
  seat: number;
  fence: number;
  status: string;
  activatedAt: string;
  endedAt: string | null;
  endedReason: string | null;
}

export interface AuditRow {
  id: string;
  at: string;
  action: string;
  product?: string;
  target: { type: string; id: string };
  details: Record<string, unknown>;
}

export interface UsageRow {
  from: string;
  peak: number;
  quota: number;
}

/** The public lists of a product at the end of a run, when nothing is under way. */
export interface Lists {
  kind: 'lists';
  product: string;
  sessions: HistoryRow[];
  audit: AuditRow[];
  usage: UsageRow[];
}

export type Entry = Call | Kill | Storm | Settings | Lists;

/** Everything that a run logged. */
export interface History {
  settings: Settings;
  calls: Call[];
  kills: Kill[];
  storms: Storm[];
  lists: Lists[];
}

export const historyOf = (entries: readonly Entry[]): History => {
  const settings = entries.find((entry) => entry.kind === 'settings');
  if (!settings) throw new Error('The log has no settings.');
  return {
    settings,
    calls: entries.filter((entry) => entry.kind === 'call').sort((a, b) => a.begin - b.begin),
    kills: entries.filter((entry) => entry.kind === 'kill'),
    storms: entries.filter((entry) => entry.kind === 'storm'),
    lists: entries.filter((entry) => entry.kind === 'lists'),
  };
};

/** Reads a log: one entry a line. */
export const readLog = (file: string): History =>
  historyOf(
    readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Entry),
  );
