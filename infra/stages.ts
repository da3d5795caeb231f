/**
 * The defaults of a deployment, by its stage; a setting overrides each. A stage with another name gets those of `prod`, a
 * deployment without one too, but for the firewall.
 */
const defaults = {
  prod: {
    /** Whether the table, the keys and the user pool are protected, and outlive their stacks. */
    keepData: true,
    /** How long history is kept, days. Usage goes back 13 months. */
    historyDays: 400,
    /** How long logs are kept, days. */
    logDays: 30,
    /** Whether failures raise alarms: $0.10 a month each. */
    alarms: true,
    /** How many days AWS Backup keeps the table's daily copies; 0: it makes none. */
    backupDays: 0,
    /** Whether a firewall guards page, API and sign-in: some $15 a month. */
    firewall: true,
    /** How new versions of the hot functions take over: a tenth of the calls for five minutes, then all; or all at once. */
    shift: 'gradual',
  },
  dev: {
    keepData: false,
    historyDays: 30,
    logDays: 7,
    alarms: false,
    backupDays: 0,
    firewall: false,
    shift: 'at-once',
  },
  test: {
    keepData: false,
    historyDays: 30,
    logDays: 7,
    alarms: true,
    backupDays: 0,
    firewall: false,
    shift: 'at-once',
  },
};

/** Returns the defaults of a stage. */
export const defaultsOf = (stage: string | undefined): Record<string, unknown> => {
  if (stage === undefined) return { ...defaults.prod, firewall: false };
  return Object.hasOwn(defaults, stage) ? defaults[stage as keyof typeof defaults] : defaults.prod;
};

/** Returns the key in the context of cdk.json that gives a setting to one stage, such as `prod:table`. */
export const settingKey = (stage: string | undefined, name: string): string =>
  stage === undefined ? name : `${stage}:${name}`;

/** Returns the name of a stack, which has the stage in it. */
export const stackName = (stage: string | undefined, name: string): string =>
  `Leasehold${stage === undefined ? '' : stage.charAt(0).toUpperCase() + stage.slice(1)}${name}`;

/** Returns the name of the parameter that has the API key of a stage's canary. */
export const canaryKeyParameter = (stage: string | undefined): string => `/${stackName(stage, 'Functions')}/canary-key`;

/** Returns the name of the service, which has the stage in it: in names that are not made from a stack's. */
export const serviceName = (stage: string | undefined): string => ['leasehold', stage].filter(Boolean).join('-');
