import { createHash } from 'node:crypto';
import type { Environment } from '../settings/config.ts';

/** What a run is called, and what is appended if a session of that name was ended by force or is live elsewhere. */
export interface SessionName {
  readonly sessionId: string;
  readonly attempt: string;
}

interface Job {
  /** For people who read the list of licenses in use. */
  readonly readable: (string | undefined)[];
  /** All that tells one job from others that run at the same time, and is the same when it is run again. */
  readonly distinguishing: (string | undefined)[];
  /** Which run of the job this is. */
  readonly attempt?: string | undefined;
}

/**
 * How each CI service names a job. Two that run at once must differ, or they would share a license, and the first to end
 * would take it from the other; where nothing tells that is also the same in a re-run, its own is the lesser loss.
 */
const services: readonly { name: string; is: string; job: (environment: Environment) => Job }[] = [
  {
    name: 'github',
    is: 'GITHUB_ACTIONS',
    job: (e) => ({
      readable: [e.GITHUB_RUN_ID, e.GITHUB_JOB, e.LEASEHOLD_MATRIX],
      // The legs of a matrix have one name; but those that run at once do so on different runners.
      // A run's ID is promised to be unique in its repository only.
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
      // The name has the values of the matrix; a retry has another job ID.
      distinguishing: [e.CI_SERVER_URL, e.CI_PIPELINE_ID, e.CI_JOB_NAME, e.CI_NODE_INDEX],
      attempt: e.CI_JOB_ID,
    }),
  },
  {
    name: 'azure',
    is: 'TF_BUILD',
    job: (e) => ({
      // The job of YAML is its phase; its own name is that of a leg of the matrix.
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
    // Its ID is new in a re-run, but nothing else tells the legs of a matrix apart.
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
      // The legs of a matrix are one step, with its values in their labels and commands.
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

/** The longest session ID is 128; what follows the readable part, and an attempt, must fit in as well. */
const maxReadableLength = 80;

/**
 * The session of the CI job that this runs in: the same when the job is run again, another for each job that runs at the
 * same time. `LEASEHOLD_MATRIX` adds what the service does not tell.
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
