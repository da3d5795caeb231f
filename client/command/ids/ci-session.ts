import { createHash } from 'node:crypto';
import type { Environment } from '../settings/config.ts';

/** The session ID of a run, and the suffix to use if that session was ended by force or is live elsewhere. */
export interface SessionName {
  readonly sessionId: string;
  readonly attempt: string;
}

interface Job {
  /** The readable part, for the list of licenses in use. */
  readonly readable: (string | undefined)[];
  /** The values that distinguish jobs that run at the same time, and stay the same in a re-run. */
  readonly distinguishing: (string | undefined)[];
  /** The number of this attempt of the job. */
  readonly attempt?: string | undefined;
}

/**
 * How each CI service names a job. Two jobs that run at once need different IDs: otherwise they share a license, and the first
 * to end releases it. Where no value is also stable in a re-run, a re-run gets a new ID, which costs less.
 */
const services: readonly { name: string; is: string; job: (environment: Environment) => Job }[] = [
  {
    name: 'github',
    is: 'GITHUB_ACTIONS',
    job: (e) => ({
      readable: [e.GITHUB_RUN_ID, e.GITHUB_JOB, e.LEASEHOLD_MATRIX],
      // The jobs of a matrix have one name; but those that run at once are on different runners.
      // A run ID is unique in its repository only.
      distinguishing: [
        e.GITHUB_SERVER_URL,
        e.GITHUB_REPOSITORY,
        e.GITHUB_RUN_ID,
        e.GITHUB_JOB,
        e.LEASEHOLD_MATRIX ? undefined : e.RUNNER_NAME,
      ],
      attempt: e.GITHUB_RUN_ATTEMPT,
    }),
  },
  {
    name: 'gitlab',
    is: 'GITLAB_CI',
    job: (e) => ({
      readable: [e.CI_PIPELINE_ID, e.CI_JOB_NAME_SLUG],
      // The job name contains the matrix values; a retry has another job ID.
      distinguishing: [e.CI_SERVER_URL, e.CI_PIPELINE_ID, e.CI_JOB_NAME, e.CI_NODE_INDEX],
      attempt: e.CI_JOB_ID,
    }),
  },
  {
    name: 'azure',
    is: 'TF_BUILD',
    job: (e) => ({
      // SYSTEM_PHASENAME is the job in the YAML, SYSTEM_JOBNAME the job of the matrix.
      readable: [e.BUILD_BUILDID, e.SYSTEM_PHASENAME, e.SYSTEM_JOBNAME, e.SYSTEM_JOBPOSITIONINPHASE],
      distinguishing: [
        e.SYSTEM_COLLECTIONID,
        e.BUILD_BUILDID,
        e.SYSTEM_STAGENAME,
        e.SYSTEM_PHASENAME,
        e.SYSTEM_JOBNAME,
        e.SYSTEM_JOBPOSITIONINPHASE,
      ],
      attempt: e.SYSTEM_JOBATTEMPT,
    }),
  },
  {
    name: 'circleci',
    is: 'CIRCLECI',
    // The job ID is new in a re-run, but no other value distinguishes the jobs of a matrix.
    job: (e) => ({
      readable: [e.CIRCLE_JOB, e.CIRCLE_BUILD_NUM, e.CIRCLE_NODE_INDEX],
      distinguishing: [e.CIRCLE_WORKFLOW_JOB_ID, e.CIRCLE_NODE_INDEX],
    }),
  },
  {
    name: 'buildkite',
    is: 'BUILDKITE',
    job: (e) => ({
      readable: [e.BUILDKITE_PIPELINE_SLUG, e.BUILDKITE_BUILD_NUMBER, e.BUILDKITE_PARALLEL_JOB],
      // The jobs of a matrix are one step; the values are in their labels and commands.
      distinguishing: [
        e.BUILDKITE_BUILD_ID,
        e.BUILDKITE_STEP_ID,
        e.BUILDKITE_LABEL,
        e.BUILDKITE_COMMAND,
        e.BUILDKITE_PARALLEL_JOB,
      ],
      attempt: e.BUILDKITE_RETRY_COUNT,
    }),
  },
  {
    name: 'jenkins',
    is: 'JENKINS_URL',
    job: (e) => ({
      readable: [e.JOB_BASE_NAME, e.BUILD_NUMBER, e.STAGE_NAME],
      // The branches of `parallel` and the cells of a matrix differ by stage, or by the executor that they run on.
      distinguishing: [e.JENKINS_URL, e.JOB_NAME, e.BUILD_NUMBER, e.STAGE_NAME, e.NODE_NAME, e.EXECUTOR_NUMBER],
    }),
  },
];

/** A session ID has at most 128 characters; the hash and the attempt must fit as well. */
const maxReadableLength = 80;

/**
 * Returns the session of the current CI job: the same in a re-run, different from jobs that run at the same time.
 * `LEASEHOLD_MATRIX` adds what the CI service does not provide.
 *
 * @returns undefined outside of CI
 */
export const sessionOfJob = (environment: Environment): SessionName | undefined => {
  const service = services.find(({ is }) => environment[is]);
  if (!service) return undefined;
  const { readable, distinguishing, attempt } = service.job(environment);
  const parts = [...distinguishing, environment.LEASEHOLD_MATRIX].map((part) => part ?? null);
  const hash = createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 12);
  const text = [service.name, ...readable.filter(Boolean)].join('-').replace(/[^A-Za-z0-9._-]+/g, '-');
  return { sessionId: `${text.slice(0, maxReadableLength)}-${hash}`, attempt: attempt || '2' };
};
