import { describe, expect, it } from 'vitest';
import { sessionOfJob } from '../../client/command/ids/ci-session.ts';
import { machineIdOf, thisMachineId } from '../../client/command/ids/machine-id.ts';
import { MachineId, SessionId } from '../../shared/contracts/schemas/primitives.ts';

describe('the machine ID', () => {
  it('is the same each time, and valid for the service', async () => {
    expect(await thisMachineId()).toBe(await thisMachineId());
    expect(MachineId.parse(await thisMachineId())).toMatch(/^[0-9a-f]{32}$/);
  });

  it('differs by machine and by user, and shows neither', () => {
    const ids = [machineIdOf('m1', 'ann'), machineIdOf('m2', 'ann'), machineIdOf('m1', 'bob')];
    expect(new Set(ids).size).toBe(3);
    expect(machineIdOf('m1\n', 'ann')).toBe(ids[0]);
  });
});

const jobs = {
  'GitHub Actions': {
    job: {
      GITHUB_ACTIONS: 'true',
      GITHUB_SERVER_URL: 'https://github.com',
      GITHUB_REPOSITORY: 'acme/app',
      GITHUB_RUN_ID: '4711',
      GITHUB_JOB: 'test',
      GITHUB_RUN_ATTEMPT: '1',
      RUNNER_NAME: 'runner-1',
    },
    again: { GITHUB_RUN_ATTEMPT: '3' },
    attempt: '3',
    beside: [
      { RUNNER_NAME: 'runner-2' },
      { GITHUB_JOB: 'lint' },
      { GITHUB_RUN_ID: '4712' },
      { GITHUB_REPOSITORY: 'acme/web' },
      { LEASEHOLD_MATRIX: '1' },
    ],
  },
  GitLab: {
    job: {
      GITLAB_CI: 'true',
      CI_SERVER_URL: 'https://gitlab.com',
      CI_PIPELINE_ID: '99',
      CI_JOB_NAME: 'test: [a, b] 1/3',
      CI_JOB_NAME_SLUG: 'test-a-b-1-3',
      CI_NODE_INDEX: '1',
      CI_JOB_ID: '1000',
    },
    again: { CI_JOB_ID: '1001' },
    attempt: '1001',
    beside: [{ CI_JOB_NAME: 'test: [a, c] 1/3' }, { CI_NODE_INDEX: '2' }, { CI_PIPELINE_ID: '98' }],
  },
  Jenkins: {
    job: {
      JENKINS_URL: 'https://ci.example.com/',
      JOB_NAME: 'team/app/main',
      JOB_BASE_NAME: 'main',
      BUILD_NUMBER: '12',
      STAGE_NAME: 'Test on Linux',
      NODE_NAME: 'a',
      EXECUTOR_NUMBER: '0',
    },
    again: {},
    attempt: '2',
    beside: [{ STAGE_NAME: 'Test on Windows' }, { EXECUTOR_NUMBER: '1' }, { NODE_NAME: 'b' }, { BUILD_NUMBER: '13' }],
  },
  'Azure Pipelines': {
    job: {
      TF_BUILD: 'True',
      SYSTEM_COLLECTIONID: 'c',
      BUILD_BUILDID: '5',
      SYSTEM_STAGENAME: 'Test',
      SYSTEM_PHASENAME: 'Unit',
      SYSTEM_JOBNAME: 'linux',
      SYSTEM_JOBPOSITIONINPHASE: '1',
      SYSTEM_JOBATTEMPT: '1',
    },
    again: { SYSTEM_JOBATTEMPT: '2' },
    attempt: '2',
    beside: [{ SYSTEM_JOBPOSITIONINPHASE: '2' }, { SYSTEM_JOBNAME: 'windows' }, { SYSTEM_STAGENAME: 'Deploy' }],
  },
  CircleCI: {
    job: { CIRCLECI: 'true', CIRCLE_JOB: 'test', CIRCLE_WORKFLOW_JOB_ID: 'j1', CIRCLE_NODE_INDEX: '0' },
    again: {},
    attempt: '2',
    beside: [{ CIRCLE_NODE_INDEX: '1' }, { CIRCLE_WORKFLOW_JOB_ID: 'j2' }],
  },
  Buildkite: {
    job: {
      BUILDKITE: 'true',
      BUILDKITE_BUILD_ID: 'b1',
      BUILDKITE_STEP_ID: 's1',
      BUILDKITE_LABEL: 'test linux',
      BUILDKITE_COMMAND: 'make test',
      BUILDKITE_PARALLEL_JOB: '0',
      BUILDKITE_RETRY_COUNT: '0',
      BUILDKITE_JOB_ID: 'j1',
    },
    again: { BUILDKITE_RETRY_COUNT: '1', BUILDKITE_JOB_ID: 'j2' },
    attempt: '1',
    beside: [{ BUILDKITE_PARALLEL_JOB: '1' }, { BUILDKITE_LABEL: 'test windows' }, { BUILDKITE_STEP_ID: 's2' }],
  },
};

describe.each(Object.entries(jobs))('the session of a job of %s', (_, { job, again, attempt, beside }) => {
  it('is the same when the job is run again, with the number of the attempt', () => {
    expect(sessionOfJob({ ...job, ...again })).toEqual({ sessionId: sessionOfJob(job)?.sessionId, attempt });
  });

  it('differs from those of concurrent jobs', () => {
    const ids = [job, ...beside.map((other) => ({ ...job, ...other }))].map((one) => sessionOfJob(one)?.sessionId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('is valid for the service, also with an attempt, whatever the job is called', () => {
    const odd = Object.fromEntries(Object.keys(job).map((name) => [name, 'Ünit / tests: [“a”, b] '.repeat(20)]));
    for (const one of [job, odd]) {
      const name = sessionOfJob(one);
      expect(SessionId.parse(`${name?.sessionId}.1234567890123`)).toBeDefined();
    }
  });
});

it('two jobs differ whose names differ only in characters that a session ID can’t have', () => {
  const leg = (name: string) => sessionOfJob({ ...jobs.GitLab.job, CI_JOB_NAME: name })?.sessionId;
  expect(leg('test: [ä]')).not.toBe(leg('test: [ö]'));
});

it('outside of CI there is none', () => expect(sessionOfJob({ PATH: '/bin' })).toBeUndefined());
